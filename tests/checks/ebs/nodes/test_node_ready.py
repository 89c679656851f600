from __future__ import annotations

from runbook.checks.ebs.nodes.node_ready import node_ready
from runbook.model import Seen
from tests.given.aftercare import commands
from tests.given.nodes import absent_node, node, silent_node
from tests.given.target import NOW


def test_a_ready_node_is_well() -> None:
    assert list(node_ready(Seen((node(),)), NOW)) == []


def test_a_kubelet_that_fell_silent() -> None:
    (problem,) = node_ready(Seen((silent_node(),)), NOW)
    assert problem.summary == (
        "node node-a has been NotReady for 52 minutes: Kubelet stopped posting node status"
    )
    assert problem.brief == "NodeStatusUnknown for 52 minutes"
    assert commands(problem) == ["kubectl describe node node-a"]


def test_a_node_that_is_gone() -> None:
    (problem,) = node_ready(Seen((absent_node(),)), NOW)
    assert problem.summary == "node node-a does not exist any more"
    assert commands(problem) == []
