from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.evidence.ebs.attachments import attachment_name
from runbook.evidence.ebs.holders import Holder, holders
from runbook.model import Resource, Seen, Unavailable
from tests.given.attachments import OTHER, mount
from tests.given.nodes import instance, node
from tests.given.ports import ABSENT, Table, provided
from tests.given.storage import HANDLE, ebs_volume
from tests.given.target import event, pod

WAITING = pod("web-7c6b5d4f8-h4t6m", owner=("ReplicaSet", "web-7c6b5d4f8"), claims=("data-orders-0",))
HELD = ebs_volume(attachments=((OTHER, "attached"),))
MULTI = 'Multi-Attach error for volume "pv-orders" Volume is already used by pod(s) web-5d8c7f6b9-q8w2z'


def node_b(parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "metadata": {"name": parameters["name"], "creationTimestamp": "2026-11-12T06:30:00Z"},
        "spec": {"providerID": f"aws:///us-east-1a/{OTHER}"},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


def pod_body(name: str, claim: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "creationTimestamp": "2026-11-12T06:30:00Z",
            "ownerReferences": [{"kind": "ReplicaSet", "name": "web-5d8c7f6b9"}],
        },
        "spec": {
            "nodeName": "node-b",
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
        },
        "status": {"phase": "Running"},
    }


def deployment(strategy: str) -> dict[str, Any]:
    return {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"strategy": {"type": strategy}}}


def table(strategy: str = "RollingUpdate", **answers: Any) -> Table:
    old, other = pod_body("web-5d8c7f6b9-q8w2z", "data-orders-0"), pod_body("cart-0", "data-cart-0")
    return Table(
        {
            "k8s:get nodes": node_b,
            "k8s:get pods": old,
            "k8s:list pods": {"items": [old, other]},
            "k8s:get volumeattachments": ABSENT,
            "k8s:get deployments": deployment(strategy),
            **answers,
        }
    )


def ask(answers: Table, *, ebs: Any = None, ec2: Any = None, events: Any = None) -> Seen[Holder]:
    found: Seen[Holder] = provided(
        holders,
        answers,
        pod_mounts=Seen((mount(WAITING),)),
        pod_nodes=Seen((node(),)),
        ebs_volumes=ebs or Seen((HELD,)),
        instances=ec2 or {OTHER: instance(OTHER, dns_name="node-b")},
        pod_events=events or Seen(),
    )
    return found


def test_the_attachments_name_is_the_one_that_kubernetes_gives() -> None:
    name = attachment_name("vol-11848047702bbafad", "ip-10-0-1-2.ec2.internal")
    assert (name[:12], name[-4:]) == ("csi-e5bede9c", "96a1")


def test_the_node_that_ec2_names_and_the_pod_on_it() -> None:
    answers = table()
    (found,) = ask(answers)
    assert found.instance == instance(OTHER, dns_name="node-b")
    assert found.node is not None
    assert found.node.resource.name == "node-b"
    assert [p.resource.name for p in found.pods] == ["web-5d8c7f6b9-q8w2z"]
    assert found.rollout == Resource(kind="Deployment", namespace="shop", name="web")
    assert found.attachment is None
    wanted = [r for r in answers.asked if r.call == "k8s:get volumeattachments"]
    assert {r.parameters["name"] for r in wanted} == {attachment_name(HANDLE, "node-b")}


def test_a_deployment_that_recreates_is_no_rollout() -> None:
    (found,) = ask(table("Recreate"))
    assert found.rollout is None


def test_an_instance_that_is_no_node() -> None:
    (found,) = ask(table("RollingUpdate", **{"k8s:get nodes": ABSENT}))
    assert found.node is None


def test_a_volume_on_the_pods_own_node_has_no_other_holder() -> None:
    assert ask(table(), ebs=Seen((ebs_volume(),))) == Seen()


def test_without_ec2_the_event_names_the_pod() -> None:
    refused = Unavailable("ec2:DescribeVolumes was refused")
    found = ask(table(), ebs=refused, events=Seen((event("FailedAttachVolume", MULTI, WAITING.resource),)))
    assert found.gaps == (refused,)
    (one,) = found
    assert one.instance is None
    assert [p.resource.name for p in one.pods] == ["web-5d8c7f6b9-q8w2z"]


def test_without_ec2_and_without_event_nothing_is_concluded() -> None:
    refused = Unavailable("ec2:DescribeVolumes was refused")
    assert ask(table(), ebs=refused) == Seen((), (refused,))


def test_of_very_many_volumes_some_are_left_and_said_so() -> None:
    many = Seen(tuple(mount(replace(WAITING, node=f"node-{n}")) for n in range(7)))
    found: Seen[Holder] = provided(
        holders,
        table(),
        pod_mounts=many,
        pod_nodes=Seen((node(),)),
        ebs_volumes=Seen((HELD,)),
        instances={OTHER: instance(OTHER, dns_name="node-b")},
        pod_events=Seen(),
    )
    assert len(found) == 5
    assert [gap.reason for gap in found.gaps] == ["only 5 of 7 volumes were looked after"]
