"""The node plugin's pods on the nodes of the pods asked about, and what they wrote."""

from __future__ import annotations

import asyncio
from datetime import datetime

from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.driver import Controller, NodePlugin
from runbook.evidence.ebs.logs import Log, tails, worst
from runbook.evidence.ebs.nodes import MOST, Node
from runbook.evidence.pods import POD_FIELDS, Pod, pod
from runbook.model import NotApplicable, Resource, Seen
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: Each node plugin has three containers; with the previous run's at most six tails.
_LOGGED_PODS = 1


@evidence()
async def present_node_plugin(
    node_plugin: NodePlugin, controller: Controller, csi_driver: Resource
) -> NodePlugin:
    """The node plugin, present or absent, where the driver is installed. Raises NotApplicable elsewhere."""
    if not (node_plugin.resource.exists or controller.resource.exists or csi_driver.exists):
        raise NotApplicable("nothing of the driver is installed")
    return node_plugin


@evidence("k8s:list pods")
async def plugin_pods(
    kubernetes: Kubernetes, present_node_plugin: NodePlugin, asked: Asked, pod_nodes: Seen[Node]
) -> Seen[Pod]:
    """The node plugin's pods on the nodes of the pods asked about; where none is, all that are not ready."""
    if not present_node_plugin.resource.exists:
        raise NotApplicable(f"there is no DaemonSet {present_node_plugin.resource.path}")
    namespace, selector = present_node_plugin.resource.namespace, present_node_plugin.selector
    if asked.of_the_driver:
        return await _unready(kubernetes, present_node_plugin)
    names = [node.resource.name for node in pod_nodes]
    if not names:
        return Seen((), pod_nodes.gaps)
    wheres = [f"spec.nodeName={name}" for name in names] if len(names) <= MOST else [""]
    listings = await asyncio.gather(
        *(
            kubernetes.list("pods", namespace=namespace, labels=selector, where=where, fields=POD_FIELDS)
            for where in wheres
        )
    )
    found = [pod(body) for listing in listings for body in listing.whole()]
    return Seen(tuple(one for one in found if one.node in names), pod_nodes.gaps)


async def _unready(kubernetes: Kubernetes, plugin: NodePlugin) -> Seen[Pod]:
    """Of all its pods those that are not ready; asked only where the DaemonSet counts some."""
    if plugin.ready >= plugin.desired:
        return Seen()
    listing = await kubernetes.list(
        "pods", namespace=plugin.resource.namespace, labels=plugin.selector, fields=POD_FIELDS
    )
    return Seen(tuple(one for one in map(pod, listing) if not one.ready))


@evidence("k8s:get pods/log")
async def plugin_logs(kubernetes: Kubernetes, plugin_pods: Seen[Pod], now: datetime) -> Seen[Log]:
    """Tails of the containers that are not ready in the node plugin's worst pod."""
    sick = [one for one in worst(plugin_pods) if not one.ready]
    return await tails(kubernetes, sick[:_LOGGED_PODS], now)


def absent_plugin(plugin: NodePlugin, node: Resource) -> Resource:
    """Stands for the pod that the DaemonSet should have on a node and has not."""
    name = f"{plugin.resource.name} on {node.name}"
    return Resource(kind="Pod", namespace=plugin.resource.namespace, name=name, exists=False)
