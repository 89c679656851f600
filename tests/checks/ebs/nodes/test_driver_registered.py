from __future__ import annotations

from datetime import timedelta

import pytest

from runbook.checks.ebs.nodes.driver_registered import driver_registered
from runbook.evidence.ebs.nodes import CsiNode, Node
from runbook.model import NotApplicable, Problem, Resource, Seen, Unavailable
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.nodes import csi_node, node, node_plugin, plugin_pod
from tests.given.target import NOW


def problems(found: CsiNode, where: Node | None = None) -> list[Problem]:
    return list(
        driver_registered(
            node_plugin(), Seen((where or node(),)), Seen((found,)), Seen((plugin_pod(),)), aftercare(), NOW
        )
    )


def test_a_registered_driver_is_well() -> None:
    assert problems(csi_node()) == []


def test_a_node_that_has_just_started() -> None:
    with pytest.raises(Unavailable, match=r"^node node-a began 90 seconds ago; too early to tell$"):
        problems(csi_node(registered=False), node(created=NOW - timedelta(seconds=90)))


def test_an_auto_mode_node() -> None:
    auto = node(labels=(("eks.amazonaws.com/compute-type", "auto"),))
    with pytest.raises(NotApplicable, match="no node of the pods asked about is served by this driver"):
        problems(csi_node(registered=False), auto)


def test_the_driver_is_not_registered() -> None:
    (problem,) = problems(csi_node(registered=False))
    assert problem.summary == "the kubelet of node node-a has not registered the driver ebs.csi.aws.com"
    assert problem.evidence[0].excerpt == "spec.drivers holds no ebs.csi.aws.com"
    assert commands(problem) == [
        "kubectl -n kube-system delete pod ebs-csi-node-a",
        "kubectl -n kube-system logs ebs-csi-node-a -c node-driver-registrar",
        VERIFY,
    ]
    assert problem.fix[0].destructive


def test_no_csi_node_and_no_plugin() -> None:
    gone = CsiNode(resource=Resource(kind="CSINode", name="node-a", exists=False))
    unknown = NotApplicable("there is no DaemonSet")
    (problem,) = driver_registered(node_plugin(), Seen((node(),)), Seen((gone,)), unknown, aftercare(), NOW)
    assert problem.evidence[0].excerpt == "not found"
    assert commands(problem) == [VERIFY]
