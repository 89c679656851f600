from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from runbook.checks.ebs.attachments.single_node import single_node
from runbook.evidence.ebs.holders import Holder
from runbook.model import NotApplicable, Problem, Resource, Seen, Unavailable
from tests.given.account import cluster
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.attachments import OTHER, attachment, holder, mount
from tests.given.nodes import instance, silent_node
from tests.given.target import NOW, pod, unplaced

NEEDS = "volume vol-0a11b22c33d44e55f, which pod shop/orders-0 needs on node node-a, is still attached to "
LEFT = attachment("node-b")
DEPLOYMENT = Resource(kind="Deployment", namespace="shop", name="web")
OLD = pod("orders-9", node="node-b", phase="Running", ready=True)
TAINT = "kubectl taint nodes node-b node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"


def problems(*found: Holder) -> list[Problem]:
    return list(single_node(Seen(found), Seen((mount(),)), Seen(), cluster(), aftercare(), NOW))


def test_a_volume_held_by_nobody_else_is_well() -> None:
    assert problems() == []


def test_a_pod_of_a_moment_ago() -> None:
    with pytest.raises(Unavailable, match=r"^pod shop/orders-0 began 30 seconds ago; too early to tell$"):
        problems(holder(mount=mount(pod(created=NOW - timedelta(seconds=30)))))


def test_an_attachment_that_is_being_removed_is_no_use() -> None:
    assert problems(holder(attachment=attachment("node-b", deleting=True, detach_error="busy"))) == []


def test_a_pod_without_node() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about is on a node"):
        list(single_node(Seen(), Seen((mount(unplaced()),)), Seen(), cluster(), aftercare(), NOW))


@pytest.mark.parametrize(
    ("found", "says", "remedy"),
    [
        (
            holder(pods=(OLD,), rollout=DEPLOYMENT),
            (
                "node node-b: pod shop/orders-9 runs there until its successor is ready, because Deployment "
                "shop/web replaces its pods by a rolling update"
            ),
            [
                (
                    "kubectl -n shop patch deployment web -p "
                    '\'{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}\''
                )
            ],
        ),
        (
            holder(pods=(OLD,)),
            "node node-b: pod shop/orders-9 runs there with the same claim",
            [
                "kubectl -n shop get pod orders-9 -o wide",
                "kubectl -n shop scale statefulset orders --replicas 0",
            ],
        ),
        (
            holder(pods=(pod("orders-9", terminating=True),)),
            "node node-b: pod shop/orders-9 there is being deleted and has not ended",
            ["kubectl -n shop describe pod orders-9"],
        ),
        (
            holder(node=silent_node("node-b", instance=OTHER), pods=(OLD,)),
            (
                "node node-b: that node is NotReady (NodeStatusUnknown, its instance running), "
                "with pod shop/orders-9 on it"
            ),
            [
                (
                    f"aws ec2 describe-instances --region us-east-1 --instance-ids {OTHER} "
                    "--query 'Reservations[].Instances[].State.Name' --output text"
                ),
                TAINT,
            ],
        ),
        (
            holder(node=silent_node("node-b"), instance=instance(OTHER, state="stopped")),
            "node node-b: that node is NotReady (NodeStatusUnknown, its instance stopped)",
            [TAINT],
        ),
        (
            holder(attachment=LEFT),
            "node node-b: no pod uses it there any more, but its VolumeAttachment is left",
            [
                f"kubectl describe volumeattachment {LEFT.resource.name}",
                f"kubectl delete volumeattachment {LEFT.resource.name}",
            ],
        ),
        (
            holder(),
            "node node-b: no pod uses it there, and Kubernetes did not attach it",
            ["aws ec2 detach-volume --region us-east-1 --volume-id vol-0a11b22c33d44e55f"],
        ),
        (
            holder(node=None),
            f"instance {OTHER}: that instance is no node of this cluster",
            ["aws ec2 detach-volume --region us-east-1 --volume-id vol-0a11b22c33d44e55f"],
        ),
    ],
)
def test_who_holds_it(found: Holder, says: str, remedy: list[str]) -> None:
    (problem,) = problems(found)
    assert problem.resource == Resource(kind="Volume", name="vol-0a11b22c33d44e55f")
    assert problem.summary == NEEDS + says
    assert [e.excerpt for e in problem.evidence] == [f"attached to {OTHER}"]
    assert commands(problem) == [*remedy, VERIFY]


@pytest.mark.parametrize(
    ("maker", "told"),
    [(("StatefulSet", "orders"), "StatefulSet orders"), (("ReplicaSet", "web-5d8"), "Deployment web")],
)
def test_scaling_ends_more_than_one_pod_and_says_so(maker: tuple[str, str], told: str) -> None:
    (problem,) = problems(holder(pods=(replace(OLD, owner=maker),)))
    end = problem.fix[1]
    assert end.text == (
        f"and, if that is the one to give way, scale its {told} to 0, which ends ALL the pods of it, "
        "not this one alone"
    )
    assert end.destructive
