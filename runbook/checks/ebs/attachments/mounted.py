"""EBS-M01: the kubelet's wrapper around everything that can go wrong before a mount."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.asked import Asked
from runbook.evidence.objects import Event
from runbook.model import Excerpt, Problem, Resource, Seen
from runbook.registry import check

_WRAPPER = "Unable to attach or mount volumes"


@check(
    severity="medium",
    kind="symptom",
    about="Pod",
    covers=["EBS-M01"],
    after=[
        "ebs.target", "ebs.provisioning", "ebs.controller", "ebs.identity", "ebs.scheduling", "ebs.nodes",
        "ebs.attachments",
    ],
    docs="https://kubernetes.io/docs/concepts/storage/volumes/",
)  # fmt: skip
def mounted(asked: Asked, pod_events: Seen[Event]) -> Iterator[Problem]:
    """The kubelet mounts the pod's volumes in time.

    This message wraps whatever happened before it and is never a cause: the attachment, the node
    plugin or the volume behind it is.
    """
    waiting = {p.resource for p in asked.pods if not p.ready}
    told: set[Resource] = set()
    for event in pod_events:
        if event.reason == "FailedMount" and _WRAPPER in event.message and event.about in waiting - told:
            told.add(event.about)
            yield Problem(
                resource=event.about,
                summary=f"the kubelet could not mount the volumes of pod {event.about.path} in time: {event.message}",
                brief="the kubelet could not mount its volumes in time",
                evidence=(
                    Excerpt(call=f"event of pod {event.about.path}", excerpt=event.message, at=event.at),
                ),
            )
