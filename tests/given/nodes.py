"""Node node-a in us-east-1a, Ready, with the driver registered and its node plugin ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from runbook.evidence.ebs.driver import NodePlugin
from runbook.evidence.ebs.ec2 import Instance
from runbook.evidence.ebs.nodes import CsiNode, Node
from runbook.evidence.pods import Container, Pod
from runbook.model import Resource
from tests.given.target import NOW

INSTANCE = "i-0aaaa1111bbbb2222"
DAEMON_SET = Resource(kind="DaemonSet", namespace="kube-system", name="ebs-csi-node")


def node(name: str = "node-a", **changes: Any) -> Node:
    """A node in us-east-1a."""
    healthy = Node(
        resource=Resource(kind="Node", name=name),
        ready=True,
        reason="KubeletReady",
        created=NOW - timedelta(days=9),
        zone="us-east-1a",
        instance=INSTANCE,
    )
    return replace(healthy, **changes)


def silent_node(name: str = "node-a", **changes: Any) -> Node:
    """A node whose kubelet stopped 52 minutes ago."""
    dead = node(
        name,
        ready=False,
        reason="NodeStatusUnknown",
        message="Kubelet stopped posting node status.",
        since=NOW - timedelta(minutes=52),
    )
    return replace(dead, **changes)


def absent_node(name: str = "node-a") -> Node:
    """A node that does not exist."""
    return Node(resource=Resource(kind="Node", name=name, exists=False))


def csi_node(name: str = "node-a", **changes: Any) -> CsiNode:
    """The driver is registered there, for 25 volumes."""
    healthy = CsiNode(resource=Resource(kind="CSINode", name=name), registered=True, limit=25)
    return replace(healthy, **changes)


def node_plugin(**changes: Any) -> NodePlugin:
    """DaemonSet kube-system/ebs-csi-node."""
    return replace(
        NodePlugin(resource=DAEMON_SET, desired=1, ready=1, selector="app=ebs-csi-node"), **changes
    )


def plugin_pod(*broken: Container, **changes: Any) -> Pod:
    """The node plugin's pod on node-a, ready unless it has broken containers."""
    names = {container.name for container in broken}
    every = ("ebs-plugin", "node-driver-registrar", "liveness-probe")
    healthy = Pod(
        resource=Resource(kind="Pod", namespace="kube-system", name="ebs-csi-node-a"),
        phase="Running",
        ready=not broken,
        created=NOW - timedelta(days=9),
        node="node-a",
        containers=(*broken, *(Container(name=n, ready=True, restarts=0) for n in every if n not in names)),
    )
    return replace(healthy, **changes)


def instance(name: str = INSTANCE, **changes: Any) -> Instance:
    """The running instance of node-a."""
    healthy = Instance(resource=Resource(kind="Instance", name=name), state="running", dns_name="node-a")
    return replace(healthy, **changes)
