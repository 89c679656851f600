"""What the kubelet says of volumes that it cannot mount."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.attachments import Mount
from runbook.evidence.events import Event
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, NotApplicable, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.wording import clause, names

#: In the wording of every version; after it the names of the volumes in the pod's spec.
_WRAPPER = re.compile(r"Unable to attach or mount volumes: unmounted volumes=\[([^\]]*)\]")
#: `MountVolume.MountDevice failed for volume "pvc-…" : …`, `MountVolume.SetUp …`, `MapVolume.…`
_FAILED = re.compile(r'(?:Mount|Map)Volume\.\w+ failed for volume "([^"]+)"')


@check(
    severity="medium",
    kind="symptom",
    about="Pod",
    covers=["EBS-M01", "EBS-M02"],
    after=[
        "ebs.provisioning", "ebs.controller", "ebs.identity", "ebs.scheduling", "ebs.nodes",
        "ebs.attachments",
    ],
    docs="https://kubernetes.io/docs/concepts/storage/volumes/",
)  # fmt: skip
def mounted(
    asked: Asked, pod_mounts: Seen[Mount] | Unavailable, pod_events: Seen[Event]
) -> Iterator[Problem]:
    """The kubelet mounts the pod's EBS volumes in time.

    The kubelet waits for the attachment, then asks the node plugin to mount. Its own words about one volume
    tell more than the message that it ran out of time; neither is a cause. It starts no container before.
    """
    if not any(pod.node and pod.claims for pod in asked.pods):
        raise NotApplicable("no pod asked about is on a node with claims")
    untold = []
    for pod in asked.pods:
        if pod.ready or pod.mounted or not (pod.node and pod.claims):
            continue
        mine = [e for e in pod_events if e.about == pod.resource]
        event = _failed(pod, mine, pod_mounts) or _timed_out(pod, mine)
        if event is None:
            untold.append(pod.resource.path)
        else:
            yield _problem(pod, event)
    if untold:
        raise Unavailable(f"no event tells whether the volumes of pod {names(untold)} were mounted")


def _problem(pod: Pod, event: Event) -> Problem:
    told = Excerpt(
        call=f"event of pod {pod.resource.path}", excerpt=f"{event.reason}: {event.message}", at=event.at
    )
    return Problem(
        resource=pod.resource,
        summary=f"the kubelet cannot mount the volumes of pod {pod.resource.path}: {clause(event.message)}",
        brief="the kubelet cannot mount its volumes",
        evidence=(told,),
    )


def _failed(pod: Pod, events: list[Event], mounts: Seen[Mount] | Unavailable) -> Event | None:
    """What it says of one of the pod's EBS volumes; of Secrets and ConfigMaps it speaks alike."""
    if isinstance(mounts, Unavailable):
        return None
    ours = {m.volume.resource.name for m in mounts if m.pod == pod}
    return next((e for e in events if (m := _FAILED.search(e.message)) and m[1] in ours), None)


def _timed_out(pod: Pod, events: list[Event]) -> Event | None:
    """That it ran out of time, when one of the volumes it still waits for is a claim's."""
    for event in events:
        said = _WRAPPER.search(event.message)
        if event.reason == "FailedMount" and said and set(said[1].split()) & set(pod.claim_volumes):
            return event
    return None
