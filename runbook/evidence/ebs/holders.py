"""Who else holds a volume that a pod waits for: the instance, its node, and the pods on it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from runbook.evidence.ebs.attachments import Attachment, Mount, attachment
from runbook.evidence.ebs.ec2 import EbsVolume, Instance
from runbook.evidence.ebs.nodes import Node, node
from runbook.evidence.events import Event
from runbook.evidence.objects import METADATA_FIELDS, reference, seen
from runbook.evidence.pods import POD_FIELDS, Pod, pod
from runbook.model import Resource, Seen, Unavailable
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: In both wordings of the attach-detach controller; only the one names pods.
MULTI_ATTACH = "Multi-Attach error for volume"
_USED_BY = re.compile(r"already used by pod\(s\) ([a-z0-9.-]+)")
#: So many volumes of waiting pods are looked after one by one.
_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What keeps a volume from the node of the pod that waits for it.

    `node` is None for an instance that is no node of this cluster; `pods` are those on it that use
    the same claim; `rollout` is the Deployment that made both pods, when it rolls its updates.
    """

    mount: Mount
    instance: Instance | None
    node: Node | None
    attachment: Attachment | None = None
    pods: tuple[Pod, ...] = ()
    rollout: Resource | None = None

    @property
    def leaving(self) -> Attachment | None:
        """The attachment that is being removed, when nothing but its removal still holds the volume."""
        alive = self.node is None or self.node.ready
        left = self.attachment
        return left if left and left.deleting and alive and not self.pods else None


@evidence(
    "k8s:get nodes", "k8s:get volumeattachments", "k8s:get pods", "k8s:list pods", "k8s:get deployments"
)
async def holders(
    kubernetes: Kubernetes,
    pod_mounts: Seen[Mount],
    pod_nodes: Seen[Node],
    ebs_volumes: Seen[EbsVolume] | Unavailable,
    instances: dict[str, Instance] | Unavailable,
    pod_events: Seen[Event] | Unavailable,
) -> Seen[Holder]:
    """Who else holds the volumes of waiting pods that are on a node.

    EC2 tells which instance; where it cannot be asked, the attach-detach controller's event names a pod.
    """
    # A pod that has started has its volumes, and one that has ended wants none.
    waiting = [
        m for m in pod_mounts if m.pod.node and m.pod.phase == "Pending" and m.exclusive and not m.pod.mounted
    ]
    left = (
        [Unavailable(f"only {_MOST} of {len(waiting)} volumes were looked after")] if waiting[_MOST:] else []
    )
    if not isinstance(ebs_volumes, Unavailable) and not isinstance(instances, Unavailable):
        own = {n.resource.name: n.instance for n in pod_nodes}
        held = {v.resource.name: v.attachments for v in ebs_volumes}
        found = await seen(
            _holder(kubernetes, mount, instances[other])
            for mount in waiting[:_MOST]
            for other, _ in held.get(mount.volume.handle, ())
            if other != own.get(mount.pod.node) and instances[other].dns_name != mount.pod.node
        )
        return Seen(found.items, (*ebs_volumes.gaps, *found.gaps, *left))
    gap = next(e for e in (ebs_volumes, instances) if isinstance(e, Unavailable))
    said = () if isinstance(pod_events, Unavailable) else pod_events.items
    found = await seen(_named(kubernetes, mount, said) for mount in waiting[:_MOST])
    return Seen(found.items, (gap, *found.gaps, *left))


async def _holder(kubernetes: Kubernetes, mount: Mount, instance: Instance) -> Holder:
    if not instance.dns_name:
        return Holder(mount=mount, instance=instance, node=None)
    found, left = await asyncio.gather(
        node(kubernetes, instance.dns_name), attachment(kubernetes, mount.volume.handle, instance.dns_name)
    )
    if not found.resource.exists:
        return Holder(mount=mount, instance=instance, node=None, attachment=_present(left))
    return await _on_node(kubernetes, mount, instance, found)


async def _named(kubernetes: Kubernetes, mount: Mount, said: tuple[Event, ...]) -> Holder | None:
    """The holder as the Multi-Attach event names it; None when it does not, or no longer."""
    mine = (e for e in said if e.about == mount.pod.resource and MULTI_ATTACH in e.message)
    name = next((match[1] for e in mine if (match := _USED_BY.search(e.message))), "")
    body = name and await kubernetes.get(
        "pods", name, namespace=mount.pod.resource.namespace, fields=POD_FIELDS
    )
    if not body or pod(body).node in ("", mount.pod.node):
        return None
    return await _on_node(kubernetes, mount, None, await node(kubernetes, pod(body).node))


async def _on_node(kubernetes: Kubernetes, mount: Mount, instance: Instance | None, found: Node) -> Holder:
    name, namespace = found.resource.name, mount.pod.resource.namespace
    left, listing = await asyncio.gather(
        attachment(kubernetes, mount.volume.handle, name),
        kubernetes.list("pods", namespace=namespace, where=f"spec.nodeName={name}", fields=POD_FIELDS),
    )
    pods = tuple(one for one in map(pod, listing) if mount.claim.resource.name in one.claims)
    return Holder(
        mount=mount,
        instance=instance,
        node=found,
        attachment=_present(left),
        pods=pods,
        rollout=await _rollout(kubernetes, mount.pod, pods),
    )


def _present(found: Attachment) -> Attachment | None:
    return found if found.resource.exists else None


async def _rollout(kubernetes: Kubernetes, waiting: Pod, pods: tuple[Pod, ...]) -> Resource | None:
    """The Deployment that replaces the holding pod by the waiting one, and starts this before that ends."""
    makers = {_deployment(one) for one in pods} & {_deployment(waiting)} - {""}
    if not makers:
        return None
    body = await kubernetes.get(
        "deployments",
        makers.pop(),
        namespace=waiting.resource.namespace,
        fields=(*METADATA_FIELDS, "spec.strategy.type"),
    )
    if body is None or body.get("spec", {}).get("strategy", {}).get("type") == "Recreate":
        return None
    return reference("Deployment", body)


def _deployment(one: Pod) -> str:
    """A ReplicaSet is named after its Deployment and a hash."""
    kind, name = one.owner
    return name.rpartition("-")[0] if kind == "ReplicaSet" else ""
