"""VolumeAttachments of the pods' volumes: read by their names, never listed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from runbook.evidence.ebs import DRIVER
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.claims import Claim, Volume
from runbook.evidence.objects import METADATA_FIELDS, moment, reference, seen
from runbook.evidence.pods import Pod
from runbook.model import Resource, Seen, Unavailable
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: A pod that moves leaves its volume behind for a moment.
MOVING = timedelta(minutes=1)
#: So many attachments are read one by one.
_MOST = 20
_FIELDS = (
    *METADATA_FIELDS,
    "metadata.deletionTimestamp",
    "spec.nodeName",
    "status.attached",
    "status.attachError",
    "status.detachError",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A pod asked about, and an EBS volume that one of its claims is bound to."""

    pod: Pod
    claim: Claim
    volume: Volume

    @property
    def exclusive(self) -> bool:
        """Whether the volume may be attached to one node only."""
        return not {"ReadWriteMany", "ReadOnlyMany"}.intersection(self.volume.access_modes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A VolumeAttachment; absent when `resource.exists` is False."""

    resource: Resource
    node: str
    attached: bool = False
    error: str = ""
    error_at: datetime | None = None
    deleting: bool = False
    detach_error: str = ""


def mounts(asked: Asked, claims: Iterable[Claim], volumes: Iterable[Volume]) -> tuple[Mount, ...]:
    """Which EBS volumes the pods asked about use."""
    by_path = {(c.resource.namespace, c.resource.name): c for c in claims}
    by_name = {v.resource.name: v for v in volumes if v.driver == DRIVER}
    return tuple(
        Mount(pod=pod, claim=claim, volume=by_name[claim.volume])
        for pod in asked.pods
        for name in pod.claims
        if (claim := by_path.get((pod.resource.namespace, name))) and claim.volume in by_name
    )


def attachment_name(handle: str, node: str) -> str:
    """The name of the VolumeAttachment, as kubernetes/pkg/volume/csi/csi_attacher.go makes it."""
    return "csi-" + hashlib.sha256(f"{handle}{DRIVER}{node}".encode()).hexdigest()


@evidence()
async def pod_mounts(asked: Asked, claims: Seen[Claim], volumes: Seen[Volume]) -> Seen[Mount]:
    """Which EBS volumes the pods asked about use, as far as claims and volumes could be read."""
    return Seen(mounts(asked, claims, volumes), volumes.gaps)


@evidence("k8s:get volumeattachments")
async def attachments(kubernetes: Kubernetes, pod_mounts: Seen[Mount]) -> Seen[Attachment]:
    """The VolumeAttachments of the pods' volumes to the pods' own nodes, absent ones among them."""
    wanted = sorted({(m.volume.handle, m.pod.node) for m in pod_mounts if m.pod.node})
    found = await seen(attachment(kubernetes, handle, node) for handle, node in wanted[:_MOST])
    left = [Unavailable(f"only {_MOST} of {len(wanted)} attachments were read")] if wanted[_MOST:] else []
    return Seen(found.items, (*pod_mounts.gaps, *found.gaps, *left))


async def attachment(kubernetes: Kubernetes, handle: str, node: str) -> Attachment:
    """One VolumeAttachment by what it attaches, absent or present."""
    name = attachment_name(handle, node)
    body = await kubernetes.get("volumeattachments", name, fields=_FIELDS)
    if body is None:
        return Attachment(resource=Resource(kind="VolumeAttachment", name=name, exists=False), node=node)
    status = body.get("status", {})
    failed = status.get("attachError") or {}
    return Attachment(
        resource=reference("VolumeAttachment", body),
        node=node,
        attached=bool(status.get("attached")),
        error=failed.get("message", ""),
        error_at=moment(failed.get("time")),
        deleting="deletionTimestamp" in body["metadata"],
        detach_error=(status.get("detachError") or {}).get("message", ""),
    )
