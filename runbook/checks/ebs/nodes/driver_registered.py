"""The kubelet of the pod's node does not know the driver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from runbook.commands import kubectl
from runbook.evidence.ebs import DRIVER
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver import NodePlugin
from runbook.evidence.ebs.nodes import CsiNode, Node, served
from runbook.evidence.ebs.patience import refuse_early
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Resource, Seen
from runbook.registry import check

#: A new node's kubelet registers its plugins one after the other.
_STARTING = timedelta(minutes=2)


@check(
    severity="high",
    about="CSINode",
    covers=["EBS-N04", "EBS-M02"],
    after=[
        "ebs.nodes.node_plugin_installed", "ebs.nodes.node_plugin_ready", "ebs.nodes.node_ready",
        "ebs.nodes.instance_running",
    ],
    docs="https://kubernetes-csi.github.io/docs/csi-node-object.html",
)  # fmt: skip
def driver_registered(
    present_node_plugin: NodePlugin,
    pod_nodes: Seen[Node],
    pod_csi_nodes: Seen[CsiNode],
    # Not tolerated when unknown: an unready plugin would be the reason, and this no cause.
    plugin_pods: Seen[Pod] | NotApplicable,
    aftercare: Aftercare,
    now: datetime,
) -> Iterator[Problem]:
    """The driver is registered on the pod's node.

    The node plugin registers with the kubelet, which notes it in the CSINode. Without that note no volume
    is created for the node, attached to it or mounted on it.
    """
    nodes = {node.resource.name: node for node in served(pod_nodes)}
    early: dict[Resource, datetime] = {}
    for found in pod_csi_nodes:
        node = nodes.get(found.resource.name)
        if found.registered or node is None:
            continue
        if node.created and now - node.created < _STARTING:
            early[node.resource] = node.created
            continue
        yield Problem(
            resource=found.resource,
            summary=f"the kubelet of node {node.resource.name} has not registered the driver {DRIVER}",
            brief=f"{DRIVER} is not registered",
            evidence=(
                Excerpt(
                    call=f"k8s:get csinodes {found.resource.name}",
                    excerpt=f"spec.drivers holds no {DRIVER}" if found.resource.exists else "not found",
                ),
            ),
            fix=(*fix(present_node_plugin, node, plugin_pods), *aftercare.verify()),
        )
    refuse_early(early, now)


def fix(plugin: NodePlugin, node: Node, pods: Seen[Pod] | NotApplicable) -> tuple[Fix, ...]:
    """Let the node plugin start anew, which registers again; where it has no pod, that is the fault."""
    here = [p for p in pods if p.node == node.resource.name] if isinstance(pods, Seen) else []
    if not here:
        return ()
    name = here[0].resource.name
    return (
        Fix(
            text="Start the node plugin there anew; it registers again (mounted volumes stay mounted)",
            command=kubectl(plugin.resource, "delete", "pod", name),
            destructive=True,
        ),
        Fix(
            text="If that does not help, see whether the kubelet's folder differs from /var/lib/kubelet (the "
            "chart's value node.kubeletPath)",
            command=kubectl(plugin.resource, "logs", name, "-c", "node-driver-registrar"),
        ),
    )
