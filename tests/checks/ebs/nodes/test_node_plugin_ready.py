from __future__ import annotations

import pytest

from runbook.checks.ebs.nodes.node_plugin_ready import node_plugin_ready
from runbook.evidence.ebs.logs import Log
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.objects import Container, Pod
from runbook.model import NotApplicable, Problem, Resource, Seen
from tests.given.aftercare import commands
from tests.given.nodes import absent_node, node, node_plugin, plugin_pod


def problems(*pods: Pod, where: Node | None = None, logs: tuple[Log, ...] = ()) -> list[Problem]:
    return list(node_plugin_ready(node_plugin(), Seen((where or node(),)), Seen(pods), Seen(logs)))


def test_a_ready_pod_is_well() -> None:
    assert problems(plugin_pod()) == []


def test_a_sick_pod_of_another_node_is_not_asked_about() -> None:
    assert problems(plugin_pod(), plugin_pod(node="node-b", ready=False)) == []


@pytest.mark.parametrize("kind", ["auto", "fargate", "hybrid"])
def test_nodes_that_the_driver_does_not_serve(kind: str) -> None:
    assert problems(where=node(labels=(("eks.amazonaws.com/compute-type", kind),))) == []


def test_a_node_that_is_gone() -> None:
    assert problems(where=absent_node()) == []


def test_no_pod_is_on_a_node() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about is on a node"):
        list(node_plugin_ready(node_plugin(), Seen(), Seen(), Seen()))


def test_no_pod_of_the_daemon_set() -> None:
    (problem,) = problems(where=node(taints=(("team", "a", "NoExecute"),)))
    assert problem.resource == Resource(kind="Pod", namespace="kube-system", name="ebs-csi-node on node-a")
    assert problem.summary == "DaemonSet kube-system/ebs-csi-node has no pod on node node-a"
    assert problem.facts == ("Taints of the node: team:NoExecute",)
    assert commands(problem) == ["kubectl -n kube-system describe daemonset ebs-csi-node"]


def test_a_crashing_container() -> None:
    pod = plugin_pod(Container(name="ebs-plugin", ready=False, restarts=15, waiting="CrashLoopBackOff"))
    log = Log(
        pod=pod, container="ebs-plugin", text="I start\nE could not retrieve region\nI end", previous=True
    )
    (problem,) = problems(pod, logs=(log,))
    assert problem.summary == (
        "node plugin kube-system/ebs-csi-node-a on node node-a is not ready "
        "(ebs-plugin CrashLoopBackOff after 15 restarts)"
    )
    assert [(e.call, e.excerpt) for e in problem.evidence] == [
        (
            "log of kube-system/ebs-csi-node-a, container ebs-plugin, previous run",
            "E could not retrieve region",
        )
    ]
    assert commands(problem) == ["kubectl -n kube-system logs ebs-csi-node-a -c ebs-plugin --previous"]


def test_an_image_that_cannot_be_pulled() -> None:
    waiting = Container(
        name="ebs-plugin", ready=False, restarts=0, waiting="ImagePullBackOff", waiting_message="no such host"
    )
    (problem,) = problems(plugin_pod(waiting))
    assert problem.brief == "not ready: ebs-plugin ImagePullBackOff: no such host"


def test_a_pod_whose_node_fell_silent() -> None:
    (problem,) = problems(plugin_pod(ready=False))
    assert problem.summary == "node plugin kube-system/ebs-csi-node-a on node node-a is not ready"
