from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runbook.evidence.ebs.node_plugins import plugin_logs, plugin_pods, present_node_plugin
from runbook.evidence.pods import Container, Pod
from runbook.model import NotApplicable, Resource, Seen
from tests.given.driver import absent_controller, controller
from tests.given.nodes import DAEMON_SET, node, node_plugin, plugin_pod
from tests.given.ports import Table, provided
from tests.given.target import NOW, asked, pod

ABSENT = node_plugin(resource=replace(DAEMON_SET, exists=False))
DRIVER = Resource(kind="CSIDriver", name="ebs.csi.aws.com")
NO_DRIVER = replace(DRIVER, exists=False)


def body(parameters: dict[str, Any]) -> dict[str, Any]:
    where = parameters.get("fieldSelector", "spec.nodeName=node-0").partition("=")[2]
    metadata = {
        "name": f"p-{where}",
        "namespace": "kube-system",
        "creationTimestamp": "2026-11-12T06:30:00Z",
    }
    return {"items": [{"metadata": metadata, "spec": {"nodeName": where}, "status": {}}]}


def test_a_missing_daemon_set_beside_the_rest_of_the_driver() -> None:
    given = {"node_plugin": ABSENT, "controller": absent_controller(), "csi_driver": DRIVER}
    assert provided(present_node_plugin, Table({}), **given) == ABSENT
    given = {"node_plugin": ABSENT, "controller": controller(), "csi_driver": NO_DRIVER}
    assert provided(present_node_plugin, Table({}), **given) == ABSENT


def test_nothing_of_the_driver_is_installed() -> None:
    with pytest.raises(NotApplicable, match="nothing of the driver is installed"):
        provided(
            present_node_plugin,
            Table({}),
            node_plugin=ABSENT,
            controller=absent_controller(),
            csi_driver=NO_DRIVER,
        )


def test_pods_of_few_nodes_are_asked_for_by_node() -> None:
    table = Table({"k8s:list pods": body})
    found: Seen[Pod] = provided(
        plugin_pods,
        table,
        present_node_plugin=node_plugin(),
        asked=asked(pod()),
        pod_nodes=Seen((node("node-a"), node("node-b"))),
    )
    assert [p.node for p in found] == ["node-a", "node-b"]
    assert table.asked[0].parameters == {
        "namespace": "kube-system",
        "labelSelector": "app=ebs-csi-node",
        "fieldSelector": "spec.nodeName=node-a",
    }


def test_pods_of_many_nodes_are_one_question() -> None:
    table = Table({"k8s:list pods": body})
    nodes = Seen(tuple(node(f"node-{n}") for n in range(6)))
    given = {"present_node_plugin": node_plugin(), "asked": asked(pod()), "pod_nodes": nodes}
    found: Seen[Pod] = provided(plugin_pods, table, **given)
    assert [p.node for p in found] == ["node-0"]
    assert len(table.asked) == 1


def test_where_no_pod_is_asked_about_those_that_are_not_ready() -> None:
    table = Table({"k8s:list pods": body})
    given = {"asked": asked(named=False), "pod_nodes": Seen()}
    found: Seen[Pod] = provided(plugin_pods, table, present_node_plugin=node_plugin(desired=2), **given)
    assert [p.node for p in found] == ["node-0"]
    assert [r.parameters for r in table.asked] == [
        {"namespace": "kube-system", "labelSelector": "app=ebs-csi-node"}
    ]
    assert provided(plugin_pods, Table({}), present_node_plugin=node_plugin(), **given) == Seen()


def test_logs_of_what_is_not_ready_and_of_its_previous_run() -> None:
    table = Table({"k8s:get pods/log": "could not retrieve region"})
    sick = plugin_pod(Container(name="ebs-plugin", ready=False, restarts=3, waiting="CrashLoopBackOff"))
    found = provided(plugin_logs, table, plugin_pods=Seen((plugin_pod(node="node-b"), sick)), now=NOW)
    assert [(log.container, log.previous) for log in found] == [("ebs-plugin", False), ("ebs-plugin", True)]
