"""The volume does not get to the pod's node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from runbook.evidence.ebs.attachments import Attachment, Mount, attachment_name
from runbook.evidence.ebs.patience import refuse_early
from runbook.evidence.events import Event
from runbook.evidence.objects import something
from runbook.model import Excerpt, NotApplicable, Problem, Resource, Seen, Unavailable
from runbook.registry import check
from runbook.wording import clause, span

#: The attach-detach controller and the attacher need a moment.
_PATIENCE = timedelta(minutes=1)


@check(
    severity="high",
    kind="symptom",
    about="VolumeAttachment",
    covers=["EBS-A10", "EBS-A11", "EBS-A14"],
    after=[
        "ebs.identity", "ebs.controller", "ebs.nodes", "ebs.provisioning.volume_exists",
        "ebs.attachments.single_node", "ebs.attachments.detached",
    ],
    docs="https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/",
)  # fmt: skip
def attached(
    pod_mounts: Seen[Mount],
    attachments: Seen[Attachment],
    pod_events: Seen[Event] | Unavailable,
    now: datetime,
) -> Iterator[Problem]:
    """The pod's volumes are attached to its node.

    Kubernetes asks for it with a VolumeAttachment, which the driver's controller fulfils. Where that
    failed, the VolumeAttachment holds the driver's own words.
    """
    read = {one.resource.name: one for one in attachments}
    if not any(mount.pod.node for mount in something(pod_mounts, "no pod asked about has an EBS volume yet")):
        raise NotApplicable("no pod asked about is on a node")
    events = () if isinstance(pod_events, Unavailable) else pod_events.items
    early: dict[Resource, datetime] = {}
    for mount in pod_mounts:
        pod = mount.pod
        found = read.get(attachment_name(mount.volume.handle, pod.node))
        # A pod that has started has its volumes, and one that has ended wants none.
        if found is None or found.attached or pod.ready or pod.mounted or pod.phase != "Pending":
            continue
        if now - pod.created < _PATIENCE:
            early[pod.resource] = pod.created
        else:
            yield _problem(mount, found, _event(mount, events), now)
    refuse_early(early, now)


def _problem(mount: Mount, found: Attachment, said: Event | None, now: datetime) -> Problem:
    pod, handle = mount.pod, mount.volume.handle
    after = span(pod.created, now)
    state = (
        f"volume {handle} has not been attached to node {pod.node} of pod {pod.resource.path} after {after}"
    )
    if not found.resource.exists:
        state = (
            f"no VolumeAttachment asks for volume {handle} on node {pod.node}, "
            f"where pod {pod.resource.path} has needed it for {after}"
        )
    error = clause(found.error or (said.message if said else ""))
    return Problem(
        resource=found.resource,
        summary=state + (f": {error}" if error else ""),
        brief="not attached" if found.resource.exists else "does not exist",
        evidence=tuple(_quotes(found, said, pod.resource)),
    )


def _event(mount: Mount, events: tuple[Event, ...]) -> Event | None:
    volume = f'"{mount.volume.resource.name}"'
    mine = (e for e in events if e.about == mount.pod.resource and e.reason == "FailedAttachVolume")
    return next((e for e in mine if volume in e.message), None)


def _quotes(found: Attachment, said: Event | None, pod: Resource) -> Iterator[Excerpt]:
    if found.error:
        at = found.error_at.strftime("%Y-%m-%dT%H:%M:%SZ") if found.error_at else ""
        yield Excerpt(call=f"k8s:get volumeattachments {found.resource.name}", excerpt=found.error, at=at)
    if said:
        yield Excerpt(call=f"event of pod {pod.path}", excerpt=f"{said.reason}: {said.message}", at=said.at)
