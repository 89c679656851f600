from __future__ import annotations

import pytest

from runbook.checks.ebs.scheduling.node_in_zone import node_in_zone
from runbook.evidence.ebs.attachments import Mount
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.pods import Pod
from runbook.model import NotApplicable, Problem, Resource, Seen
from tests.given.account import cluster
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.attachments import mount
from tests.given.nodes import node, silent_node
from tests.given.storage import volume
from tests.given.target import unplaced

ELSEWHERE = node("node-b", zone="us-east-1b")


def problems(*nodes: Node, pod: Pod | None = None, mounts: tuple[Mount, ...] = ()) -> list[Problem]:
    waiting = pod or unplaced()
    used = mounts or (mount(waiting),)
    return list(
        node_in_zone((waiting,), Seen(used), nodes, {"EksClusterName": "shop"}, cluster(), aftercare())
    )


def test_a_usable_node_is_well() -> None:
    assert problems(node(), ELSEWHERE) == []


def test_a_tolerated_taint_is_well() -> None:
    pod = unplaced(tolerations=(("team", "Exists", "", ""),))
    assert problems(node(taints=(("team", "a", "NoSchedule"),)), pod=pod) == []


def test_a_volume_of_any_zone() -> None:
    with pytest.raises(NotApplicable, match="no volume binds the pods to a zone"):
        problems(ELSEWHERE, mounts=(mount(unplaced(), volume=volume(zones=())),))


def test_no_node_in_the_zone() -> None:
    (problem,) = problems(ELSEWHERE)
    assert problem.resource == Resource(kind="AvailabilityZone", name="us-east-1a")
    assert problem.summary == (
        "volume vol-0a11b22c33d44e55f of pod shop/orders-0 is in us-east-1a, where the cluster has no node"
    )
    assert problem.facts == ("Ready nodes are in us-east-1b",)
    assert commands(problem) == [
        (
            "aws eks update-nodegroup-config --region us-east-1 --cluster-name shop --nodegroup-name GROUP "
            "--scaling-config desiredSize=COUNT"
        ),
        VERIFY,
    ]


@pytest.mark.parametrize(
    ("there", "brief", "first"),
    [
        (
            node(cordoned=True),
            "no node can take it: node node-a is cordoned",
            "kubectl uncordon node-a",
        ),
        (
            silent_node(),
            "no node can take it: node node-a is not Ready (NodeStatusUnknown)",
            "kubectl describe node node-a",
        ),
        (
            node(taints=(("team", "a", "NoSchedule"),)),
            "no node can take it: node node-a has the taint team:NoSchedule, which the pod does not tolerate",
            "kubectl get nodes -l topology.kubernetes.io/zone=us-east-1a --show-labels",
        ),
    ],
)
def test_nodes_there_that_cannot_take_it(there: Node, brief: str, first: str) -> None:
    (problem,) = problems(there, ELSEWHERE)
    assert problem.brief == brief
    assert commands(problem)[0] == first


def test_a_selector_that_no_node_there_satisfies() -> None:
    (problem,) = problems(node(), pod=unplaced(node_selector=(("disk", "fast"),)))
    assert (
        problem.brief
        == "no node can take it: node node-a lacks the labels of the pod's nodeSelector, disk=fast"
    )


def test_volumes_in_two_zones_with_a_node_each_are_the_matter_of_another_check() -> None:
    pod = unplaced()
    far = mount(pod, volume=volume("pv-2", handle="vol-0b22c33d44e55f66a", zones=("us-east-1b",)))
    assert problems(node(), ELSEWHERE, pod=pod, mounts=(mount(pod), far)) == []
