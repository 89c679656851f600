from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.ebs.nodes import (
    Node,
    all_csi_nodes,
    pod_csi_nodes,
    pod_nodes,
    read_node,
    unscheduled,
)
from runbook.model import NotApplicable, Seen, Unavailable
from runbook.recording import Answer
from tests.given.nodes import absent_node, node
from tests.given.ports import ABSENT, Table, provided
from tests.given.storage import waiting_claim
from tests.given.target import asked, pod, unplaced

DRIVER = "ebs.csi.aws.com"


def body(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "creationTimestamp": "2026-11-12T06:30:00Z",
            "labels": {"topology.kubernetes.io/zone": "us-east-1a"},
        },
        "spec": {"providerID": "aws:///us-east-1a/i-0aaaa1111bbbb2222", **spec},
        "status": {
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "volumesAttached": [
                {"name": f"kubernetes.io/csi/{DRIVER}^vol-1"},
                {"name": "kubernetes.io/csi/efs.csi.aws.com^fs-1"},
            ],
        },
    }


def test_a_node_as_checks_read_it() -> None:
    taints = [{"key": "a", "value": "b", "effect": "NoSchedule"}, {"key": "c", "effect": "PreferNoSchedule"}]
    found = read_node(body("node-a", unschedulable=True, taints=taints))
    assert found == node(
        cordoned=True,
        taints=(("a", "b", "NoSchedule"),),
        labels=(("topology.kubernetes.io/zone", "us-east-1a"),),
        attached=("vol-1",),
    )


@pytest.mark.parametrize(
    ("toleration", "usable"),
    [
        (("a", "Equal", "b", "NoSchedule"), True),
        (("a", "Equal", "b", ""), True),
        (("a", "Exists", "", "NoSchedule"), True),
        (("", "Exists", "", ""), True),
        (("a", "Equal", "c", "NoSchedule"), False),
        (("a", "Equal", "b", "NoExecute"), False),
        (("c", "Exists", "", ""), False),
        (("", "Equal", "b", ""), False),
    ],
)
def test_tolerations(toleration: tuple[str, str, str, str], usable: bool) -> None:
    tainted = node(taints=(("a", "b", "NoSchedule"),))
    assert tainted.usable(unplaced(tolerations=(toleration,))) is usable


def test_few_nodes_are_read_by_name_and_those_chosen_for_claims_with_them() -> None:
    table = Table({"k8s:get nodes": lambda p: body(p["name"]) if p["name"] == "node-a" else ABSENT})
    waiting = waiting_claim("data-orders-1", selected_node="node-b")
    both = asked(pod(), unplaced(claims=("data-orders-1",)))
    found: Seen[Node] = provided(pod_nodes, table, asked=both, claims=Seen((waiting,)))
    assert [(n.resource.name, n.resource.exists) for n in found] == [("node-a", True), ("node-b", False)]
    assert found.items[1] == absent_node("node-b")


def test_many_nodes_are_one_question() -> None:
    table = Table({"k8s:list nodes": {"items": [body(f"node-{n}") for n in range(6)]}})
    many = asked(*(pod(f"orders-{n}", node=f"node-{n}") for n in range(7)))
    found: Seen[Node] = provided(pod_nodes, table, asked=many, claims=Unavailable("refused"))
    assert [n.resource.exists for n in found] == [True] * 6 + [False]
    assert len(table.asked) == 1


def test_what_the_kubelet_has_registered() -> None:
    ours = {"name": DRIVER, "nodeID": "i-1", "allocatable": {"count": 25}}
    table = Table({"k8s:get csinodes": {"metadata": {"name": "node-a"}, "spec": {"drivers": [ours]}}})
    (found,) = provided(pod_csi_nodes, table, asked=asked(pod()), claims=Seen())
    assert (found.registered, found.limit) == (True, 25)


@pytest.mark.parametrize("drivers", [None, [], [{"name": "efs.csi.aws.com", "nodeID": "i-1"}]])
def test_a_driver_that_is_not_registered(drivers: Any) -> None:
    table = Table({"k8s:get csinodes": {"metadata": {"name": "node-a"}, "spec": {"drivers": drivers}}})
    (found,) = provided(pod_csi_nodes, table, asked=asked(pod()), claims=Seen())
    assert (found.registered, found.limit) == (False, None)


def test_a_limit_that_is_not_told() -> None:
    body = {"metadata": {"name": "node-a"}, "spec": {"drivers": [{"name": DRIVER, "nodeID": "i-1"}]}}
    table = Table({"k8s:list csinodes": {"items": [body]}})
    (found,) = provided(all_csi_nodes, table, unscheduled=(unplaced(),))
    assert (found.registered, found.limit) == (True, None)


def test_a_refused_node_is_a_gap() -> None:
    table = Table({"k8s:get nodes": Answer(outcome="refused", message="nodes is forbidden")})
    found = provided(pod_nodes, table, asked=asked(pod()), claims=Seen())
    assert found.items == ()
    assert [gap.reason for gap in found.gaps] == ["nodes is forbidden"]


def test_pods_that_have_their_node() -> None:
    with pytest.raises(NotApplicable, match="every pod asked about has its node"):
        provided(unscheduled, Table({}), asked=asked(pod()))
    with pytest.raises(NotApplicable, match="there is no pod to place"):
        provided(unscheduled, Table({}), asked=asked())
