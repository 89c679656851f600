"""Links of the chain from pods and claims to nodes, and from volumes to what they are attached to."""

from __future__ import annotations

from collections.abc import Iterable

from runbook.evidence.ebs.admission import Refusal
from runbook.evidence.ebs.attachments import Attachment, Mount, attachment_name
from runbook.evidence.ebs.driver import NodePlugin
from runbook.evidence.ebs.ec2 import EbsVolume, Instance
from runbook.evidence.ebs.holders import Holder
from runbook.evidence.ebs.node_plugins import absent_plugin
from runbook.evidence.ebs.nodes import CsiNode, Node
from runbook.evidence.pods import Pod
from runbook.graph import GraphBuilder
from runbook.model import NotApplicable, Resource, Seen, Unavailable
from runbook.wording import count


def add_nodes(
    build: GraphBuilder,
    pods: Iterable[Pod],
    nodes: Seen[Node] | Unavailable,
    csi_nodes: Seen[CsiNode] | Unavailable,
    instances: dict[str, Instance] | Unavailable,
) -> None:
    """The nodes below their pods; below them their CSINodes and instances."""
    known = {} if isinstance(nodes, Unavailable) else {n.resource.name: n for n in nodes}
    registered = {} if isinstance(csi_nodes, Unavailable) else {c.resource.name: c for c in csi_nodes}
    for pod in pods:
        if pod.node:
            found = known.get(pod.node)
            resource = Resource(kind="Node", name=pod.node)
            build.add(
                found.resource if found else resource, node_state(found), unknown=not found, of=pod.resource
            )
    for name, found in known.items():
        build.add(found.resource, node_state(found))
        if csi_node := registered.get(name):
            build.add(csi_node.resource, _csi_node_state(csi_node), of=found.resource)
        if not isinstance(instances, Unavailable) and (instance := instances.get(found.instance)):
            build.add(instance.resource, instance.state or "does not exist", of=found.resource)


def node_state(node: Node | None) -> str:
    """How a node looks from outside."""
    if node is None:
        return "could not be read"
    if not node.resource.exists:
        return "does not exist"
    zone = f", in {node.zone}" if node.zone else ""
    return ("Ready" if node.ready else "NotReady") + (", cordoned" if node.cordoned else "") + zone


def _csi_node_state(node: CsiNode) -> str:
    if not node.resource.exists:
        return "does not exist"
    return "ebs.csi.aws.com is registered" if node.registered else "ebs.csi.aws.com is not registered"


def add_plugins(
    build: GraphBuilder,
    plugin: NodePlugin | Unavailable,
    csi_nodes: Seen[CsiNode] | Unavailable,
    pods: Seen[Pod] | Unavailable | NotApplicable,
) -> None:
    """The node plugin's pods below the CSINodes that they register, the DaemonSet below them all."""
    if isinstance(plugin, Unavailable) or isinstance(csi_nodes, Unavailable):
        return
    found = {pod.node: pod for pod in pods} if isinstance(pods, Seen) else {}
    for csi_node in csi_nodes:
        if pod := found.get(csi_node.resource.name):
            build.add(pod.resource, "ready" if pod.ready else pod.phase, of=csi_node.resource)
            build.connect(pod.resource, plugin.resource)
            build.connect(pod.resource, Resource(kind="Node", name=pod.node))
        else:
            if isinstance(pods, Seen) and not pods.gaps:
                absent = absent_plugin(plugin, csi_node.resource)
                build.add(absent, "does not exist", of=csi_node.resource)
            build.connect(csi_node.resource, plugin.resource)


def add_attachments(
    build: GraphBuilder,
    mounts: Iterable[Mount],
    volumes: Seen[EbsVolume] | Unavailable,
    attachments: Seen[Attachment] | Unavailable,
    controller: Resource | None,
) -> None:
    """Below each PersistentVolume its EBS volume and its attachment, below that node and controller."""
    known = {} if isinstance(volumes, Unavailable) else {v.resource.name: v for v in volumes}
    read = {} if isinstance(attachments, Unavailable) else {a.resource.name: a for a in attachments}
    for mount in mounts:
        handle, node = mount.volume.handle, mount.pod.node
        volume = known.get(handle)
        resource = volume.resource if volume else Resource(kind="Volume", name=handle)
        build.add(resource, volume_state(volume), unknown=volume is None, of=mount.volume.resource)
        if not node:
            continue
        name = attachment_name(handle, node)
        found = read.get(name)
        link = found.resource if found else Resource(kind="VolumeAttachment", name=name)
        build.add(link, _attachment_state(found), unknown=found is None, of=mount.volume.resource)
        # Once attached it stays so without the controller, whose faults then explain nothing here.
        attacher = None if found and found.attached else controller
        for dependency in (resource, Resource(kind="Node", name=node), attacher):
            if dependency:
                build.connect(link, dependency)


def add_holders(
    build: GraphBuilder, holders: Seen[Holder] | Unavailable, controller: Resource | None
) -> None:
    """Below a waiting volume the attachment that has to go first, below that its node and the controller."""
    for holder in holders if isinstance(holders, Seen) else ():
        if not (left := holder.attachment):
            continue
        says = "is to be detached from" if left.deleting else "is left on"
        wanted = attachment_name(holder.mount.volume.handle, holder.mount.pod.node)
        build.add(left.resource, f"{says} {left.node}", of=holder.mount.volume.resource)
        build.connect(Resource(kind="VolumeAttachment", name=wanted), left.resource)
        if holder.node:
            build.add(holder.node.resource, node_state(holder.node), of=left.resource)
        if controller:
            build.connect(left.resource, controller)


def volume_state(volume: EbsVolume | None) -> str:
    """How EC2 sees a volume."""
    if volume is None:
        return "could not be read"
    if not volume.resource.exists:
        return "does not exist"
    where = f", attached to {', '.join(i for i, _ in volume.attachments)}" if volume.attachments else ""
    return f"{volume.state} in {volume.zone}{where}"


def _attachment_state(found: Attachment | None) -> str:
    if found is None:
        return "could not be read"
    if not found.resource.exists:
        return "does not exist"
    return f"{'attached' if found.attached else 'not attached'} to {found.node}"


def add_zones(
    build: GraphBuilder,
    mounts: Iterable[Mount],
    unscheduled: tuple[Pod, ...] | Unavailable | NotApplicable,
    nodes: tuple[Node, ...] | Unavailable | NotApplicable,
) -> None:
    """Below the volumes of pods without a node the zones that such a node must be in."""
    if not isinstance(unscheduled, tuple) or not isinstance(nodes, tuple):
        return
    for mount in mounts:
        if mount.pod in unscheduled:
            for zone in mount.volume.zones:
                there = [n for n in nodes if n.zone == zone]
                able = sum(n.usable(mount.pod) for n in there)
                says = f"{able} of {count(len(there), 'node')} usable for the pod"
                build.add(zone_resource(zone), says, of=mount.volume.resource)


def zone_resource(zone: str) -> Resource:
    """An availability zone, on whose nodes a volume depends."""
    return Resource(kind="AvailabilityZone", name=zone)


def add_refusals(build: GraphBuilder, refusals: Seen[Refusal] | Unavailable | NotApplicable) -> None:
    """Below a workload the quota that lets no pod of it in."""
    for refusal in refusals if isinstance(refusals, Seen) else ():
        build.add(refusal.workload, "its pods are refused")
        if quota := refusal.quota:
            used = ", ".join(f"{quota.used.get(r, '0')} of {quota.hard[r]} {r} used" for r in quota.short)
            build.add(quota.resource, used or "does not exist", of=refusal.workload)
