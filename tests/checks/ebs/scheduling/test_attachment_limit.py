from __future__ import annotations

import pytest

from runbook.checks.ebs.scheduling.attachment_limit import attachment_limit
from runbook.evidence.ebs.attachments import Mount
from runbook.evidence.ebs.nodes import CsiNode, Node
from runbook.evidence.pods import Pod
from runbook.model import NotApplicable, Problem, Seen, Unavailable
from tests.given.account import cluster
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.attachments import mount
from tests.given.nodes import csi_node, node
from tests.given.target import unplaced

FULL = node(attached=("vol-1", "vol-2"))
REFUSED = Unavailable("persistentvolumes is forbidden")
ADD = (
    "aws eks update-nodegroup-config --region us-east-1 --cluster-name shop --nodegroup-name GROUP --scaling-config "
    "desiredSize=COUNT"
)


def problems(*nodes: Node, csi: CsiNode | None = None, pod: Pod | None = None) -> list[Problem]:
    waiting = pod or unplaced()
    limits = (csi or csi_node(limit=2), csi_node("node-b", limit=25))
    used = Seen((mount(waiting),))
    return list(
        attachment_limit((waiting,), used, nodes, limits, {"EksClusterName": "shop"}, cluster(), aftercare())
    )


def test_room_is_well() -> None:
    assert problems(node(attached=("vol-1",))) == []


def test_a_limit_that_nobody_knows_is_no_room() -> None:
    with pytest.raises(Unavailable, match=r"^the driver has told no limit for node node-a$"):
        problems(FULL, csi=csi_node(limit=None))


def test_a_limit_that_nobody_knows_beside_known_room() -> None:
    assert problems(FULL, node("node-b"), csi=csi_node(limit=None)) == []


def test_no_node_may_take_the_pod() -> None:
    with pytest.raises(NotApplicable, match="no node may take the pod"):
        problems(node(cordoned=True), node("node-b", zone="us-east-1b"))


@pytest.mark.parametrize("unknown", [REFUSED, Seen((), (REFUSED,))], ids=["all", "some"])
def test_volumes_that_could_not_be_read_let_no_node_be_judged(unknown: Seen[Mount] | Unavailable) -> None:
    given = (unknown, (FULL,), (csi_node(limit=2),), {"EksClusterName": "shop"}, cluster(), aftercare())
    with pytest.raises(Unavailable, match="persistentvolumes is forbidden"):
        list(attachment_limit((unplaced(),), *given))
    (problem,) = attachment_limit(
        (unplaced("0/1 nodes are available: 1 node(s) exceed max volume count."),), *given
    )
    assert problem.facts == ()


def test_one_full_node_beside_one_with_room() -> None:
    assert problems(FULL, node("node-b")) == []


def test_a_pod_without_claims() -> None:
    with pytest.raises(NotApplicable, match="the pods without a node use no claim"):
        problems(FULL, pod=unplaced(claims=()))


def test_the_only_node_of_the_zone_is_full() -> None:
    (problem,) = problems(FULL, node("node-b", zone="us-east-1b"))
    assert problem.summary == (
        "the only node that could take pod shop/orders-0 holds as many EBS volumes as it may: node-a (2 of 2)"
    )
    assert problem.facts == ("node node-a: 2 of 2 EBS volumes attached",)
    assert commands(problem) == [
        ADD,
        "kubectl get pods --all-namespaces --field-selector spec.nodeName=node-a",
        VERIFY,
    ]


def test_the_schedulers_word_suffices() -> None:
    said = "0/3 nodes are available: 1 node(s) exceed max volume count, 2 node(s) had untolerated taint(s)."
    (problem,) = problems(node(), pod=unplaced(said))
    assert problem.summary == (
        "1 of 3 nodes hold as many volumes as they may, says the scheduler, "
        "and no other can take pod shop/orders-0"
    )
    assert commands(problem) == [ADD, VERIFY]
