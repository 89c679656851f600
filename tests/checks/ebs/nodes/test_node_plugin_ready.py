from __future__ import annotations

import pytest

from runbook.checks.ebs.nodes.node_plugin_ready import node_plugin_ready
from runbook.evidence.ebs.logs import Log
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.pods import Container, Pod
from runbook.model import NotApplicable, Problem, Resource, Seen, Unavailable
from tests.given.aftercare import commands
from tests.given.nodes import DAEMON_SET, absent_node, node, node_plugin, plugin_pod
from tests.given.target import asked, pod


def problems(*pods: Pod, where: Node | None = None, logs: tuple[Log, ...] = ()) -> list[Problem]:
    nodes = Seen((where or node(),))
    return list(node_plugin_ready(node_plugin(), asked(pod()), nodes, Seen(pods), Seen(logs)))


def of_the_driver(*sick: Pod, logs: tuple[Log, ...] = (), **counts: int) -> list[Problem]:
    plugin = node_plugin(**counts)
    return list(node_plugin_ready(plugin, asked(named=False), Seen(), Seen(sick), Seen(logs)))


def test_a_ready_pod_is_well() -> None:
    assert problems(plugin_pod()) == []


def test_a_sick_pod_of_another_node_is_not_asked_about() -> None:
    assert problems(plugin_pod(), plugin_pod(node="node-b", ready=False)) == []


@pytest.mark.parametrize("kind", ["auto", "fargate", "hybrid"])
def test_nodes_that_the_driver_does_not_serve(kind: str) -> None:
    with pytest.raises(NotApplicable, match="no node of the pods asked about is served by this driver"):
        problems(where=node(labels=(("eks.amazonaws.com/compute-type", kind),)))


def test_a_node_that_is_gone() -> None:
    with pytest.raises(NotApplicable, match="no node of the pods asked about is served by this driver"):
        problems(where=absent_node())


def test_no_pod_is_on_a_node() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about is on a node"):
        list(node_plugin_ready(node_plugin(), asked(pod()), Seen(), Seen(), Seen()))


def test_no_pod_of_the_daemon_set() -> None:
    (problem,) = problems(where=node(taints=(("team", "a", "NoExecute"),)))
    assert problem.resource == Resource(kind="Pod", namespace="kube-system", name="ebs-csi-node on node-a")
    assert problem.summary == "DaemonSet kube-system/ebs-csi-node has no pod on node node-a"
    assert problem.facts == ("Taints of the node: team:NoExecute",)
    assert commands(problem) == ["kubectl -n kube-system describe daemonset ebs-csi-node"]


def test_a_crashing_container() -> None:
    sick = plugin_pod(Container(name="ebs-plugin", ready=False, restarts=15, waiting="CrashLoopBackOff"))
    log = Log(
        pod=sick, container="ebs-plugin", text="I start\nE could not retrieve region\nI end", previous=True
    )
    (problem,) = problems(sick, logs=(log,))
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


def test_no_pod_is_asked_about_and_every_node_has_its_plugin() -> None:
    assert of_the_driver(desired=3, ready=3) == []


def test_no_pod_is_asked_about_and_no_plugin_is_ready() -> None:
    down = Container(name="ebs-plugin", ready=False, restarts=15, waiting="CrashLoopBackOff")
    first, second = plugin_pod(down), plugin_pod(down, node="node-b")
    log = Log(pod=first, container="ebs-plugin", text="E could not retrieve region", previous=True)
    (problem,) = of_the_driver(first, second, logs=(log,), desired=2, ready=0)
    assert problem.resource == DAEMON_SET
    assert problem.summary == (
        "DaemonSet kube-system/ebs-csi-node is ready on 0 of 2 nodes, not so ebs-csi-node-a on node node-a and "
        "ebs-csi-node-a on node node-b"
    )
    assert problem.brief == "ready on no node"
    assert problem.facts == (
        "Node plugin kube-system/ebs-csi-node-a on node node-a: ebs-plugin CrashLoopBackOff after 15 restarts",
        "Node plugin kube-system/ebs-csi-node-a on node node-b: ebs-plugin CrashLoopBackOff after 15 restarts",
    )
    assert [e.excerpt for e in problem.evidence] == ["E could not retrieve region"]
    assert commands(problem) == ["kubectl -n kube-system logs ebs-csi-node-a -c ebs-plugin --previous"]


def test_of_many_sick_plugins_five_are_named() -> None:
    sick = [plugin_pod(ready=False, node=f"node-{n}") for n in range(9)]
    (problem,) = of_the_driver(*sick, desired=100, ready=91)
    assert len(problem.facts) == 5
    assert problem.summary.endswith("ebs-csi-node-a on node node-4 and 4 more")


def test_some_nodes_lack_their_plugin() -> None:
    (problem,) = of_the_driver(desired=3, ready=2)
    assert problem.summary == "DaemonSet kube-system/ebs-csi-node is ready on 2 of 3 nodes"
    assert problem.brief == "not ready on every node"
    assert commands(problem) == ["kubectl -n kube-system describe daemonset ebs-csi-node"]


def test_a_daemon_set_for_no_node_shows_nothing() -> None:
    with pytest.raises(Unavailable, match="DaemonSet kube-system/ebs-csi-node is for no node"):
        of_the_driver(desired=0, ready=0)
