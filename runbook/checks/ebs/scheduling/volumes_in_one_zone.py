"""Volumes of one pod that lie in different zones."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.attachments import Mount
from runbook.evidence.ebs.regional import aws
from runbook.evidence.objects import something
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, Fix, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.wording import names


@check(
    severity="high",
    about="Pod",
    covers=["EBS-PV01"],
    docs="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volumes.html",
)
def volumes_in_one_zone(
    unscheduled: tuple[Pod, ...],
    pod_mounts: Seen[Mount],
    cluster: Cluster | Unavailable,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The volumes of a pod are in one zone.

    An EBS volume can be attached only to nodes in its own availability zone. A pod with volumes in two
    zones fits no node, until one of the volumes is moved.
    """
    several = {pod: _of(pod, pod_mounts) for pod in unscheduled}
    apart = tuple(pod for pod, mounts in several.items() if len(mounts) > 1)
    for pod in something(Seen(apart, pod_mounts.gaps), "no pod without a node has several volumes in zones"):
        first = several[pod][0]
        other = next((m for m in several[pod] if not set(m.volume.zones) & set(first.volume.zones)), None)
        if other:
            yield _problem(pod, first, other, (*fix(other, cluster), *aftercare.verify()))


def _of(pod: Pod, mounts: Seen[Mount]) -> list[Mount]:
    return [mount for mount in mounts if mount.pod == pod and mount.volume.zones]


def _problem(pod: Pod, first: Mount, other: Mount, remedy: tuple[Fix, ...]) -> Problem:
    parts = [f"{m.volume.handle} in {names(m.volume.zones)}" for m in (first, other)]
    said = Excerpt(call=f"k8s:get pods {pod.resource.path}", excerpt=pod.unschedulable)
    return Problem(
        resource=pod.resource,
        summary=f"the volumes of pod {pod.resource.path} are in different zones ({names(parts)}), "
        "so that no node can have both",
        brief="its volumes are in different zones",
        evidence=(said,) if pod.unschedulable else (),
        fix=remedy,
    )


def fix(other: Mount, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
    """Move the second volume beside the first."""
    words = ("--volume-id", other.volume.handle, "--description", f"to move {other.claim.resource.path}")
    return (
        Fix(
            text="Move one of them: take a snapshot of it and make a volume of that in the other's zone, for "
            "which a new PersistentVolume then stands",
            command=aws(cluster, "ec2", "create-snapshot", *words),
        ),
    )
