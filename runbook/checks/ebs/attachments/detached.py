"""The volume is to leave another node, and does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.commands import command
from runbook.evidence.ebs.attachments import MOVING, Attachment
from runbook.evidence.ebs.holders import Holder
from runbook.evidence.ebs.patience import refuse_early
from runbook.evidence.objects import something
from runbook.model import Excerpt, Fix, Problem, Resource, Seen
from runbook.registry import check
from runbook.wording import clause


@check(
    severity="high",
    kind="symptom",
    about="VolumeAttachment",
    covers=["EBS-A05", "EBS-A11"],
    after=["ebs.identity", "ebs.controller", "ebs.nodes"],
    docs="https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/",
)
def detached(holders: Seen[Holder], now: datetime) -> Iterator[Problem]:
    """The pod's volume leaves the node on which it was before.

    When no pod uses it there any more, Kubernetes removes the VolumeAttachment, and the driver's controller
    detaches the volume. Until it has, the volume can be attached nowhere else.
    """
    leaving = Seen(tuple(holder for holder in holders if holder.leaving), holders.gaps)
    early: dict[Resource, datetime] = {}
    for holder in something(leaving, "no volume of the pods asked about is being detached"):
        pod = holder.mount.pod
        if now - pod.created < MOVING:
            early[pod.resource] = pod.created
        elif left := holder.leaving:
            yield _problem(holder, left)
    refuse_early(early, now)


def _problem(holder: Holder, left: Attachment) -> Problem:
    pod, handle = holder.mount.pod, holder.mount.volume.handle
    said = (Excerpt(call=f"k8s:get volumeattachments {left.resource.name}", excerpt=left.detach_error),)
    why = f": {clause(left.detach_error)}" if left.detach_error else ""
    return Problem(
        resource=left.resource,
        summary=f"volume {handle}, which pod {pod.resource.path} needs on node {pod.node}, is to be detached "
        f"from node {left.node} and has not been{why}",
        brief=f"not detached from {left.node}",
        evidence=said if left.detach_error else (),
        fix=(
            Fix(
                text="See what the driver says of it",
                command=command("kubectl", "describe", "volumeattachment", left.resource.name),
            ),
        ),
    )
