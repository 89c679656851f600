"""Somebody else uses the volume, on another node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.evidence.ebs import release
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.attachments import MOVING, Mount
from runbook.evidence.ebs.holders import MULTI_ATTACH, Holder
from runbook.evidence.ebs.patience import refuse_early
from runbook.evidence.events import Event
from runbook.evidence.objects import something
from runbook.model import Excerpt, NotApplicable, Problem, Resource, Seen, Unavailable
from runbook.registry import check
from runbook.wording import names


@check(
    severity="high",
    about="Volume",
    covers=["EBS-A03", "EBS-A04", "EBS-A06"],
    docs="https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/faq.md",
)
def single_node(
    holders: Seen[Holder],
    pod_mounts: Seen[Mount],
    pod_events: Seen[Event] | Unavailable,
    cluster: Cluster | Unavailable,
    aftercare: Aftercare,
    now: datetime,
) -> Iterator[Problem]:
    """Nobody uses the pod's volume on another node.

    An EBS volume with access mode ReadWriteOnce serves one node at a time. It comes free when the last pod
    that uses it there has ended and the kubelet has unmounted it.
    """
    if not any(mount.pod.node for mount in something(pod_mounts, "no pod asked about has an EBS volume yet")):
        raise NotApplicable("no pod asked about is on a node")
    events = () if isinstance(pod_events, Unavailable) else pod_events.items
    early: dict[Resource, datetime] = {}
    for holder in holders:
        pod, handle = holder.mount.pod, holder.mount.volume.handle
        if holder.leaving:
            continue
        if now - pod.created < MOVING:
            early[pod.resource] = pod.created
            continue
        said = [e for e in events if e.about == pod.resource and MULTI_ATTACH in e.message][:1]
        why = reason(holder)
        yield Problem(
            resource=Resource(kind="Volume", name=handle),
            summary=f"volume {handle}, which pod {pod.resource.path} needs on node {pod.node}, is still "
            f"attached to {place(holder)}: {why}",
            brief=f"still attached to {place(holder)}",
            evidence=(
                *(_ec2(holder),),
                *(
                    Excerpt(call=f"event of pod {pod.resource.path}", excerpt=e.message, at=e.at)
                    for e in said
                ),
            ),
            fix=(*release.fix(holder, cluster), *aftercare.verify()),
        )
    refuse_early(early, now)


def place(holder: Holder) -> str:
    """Where the volume is."""
    if holder.node:
        return f"node {holder.node.resource.name}"
    return f"instance {holder.instance.resource.name}" if holder.instance else "another node"


def reason(holder: Holder) -> str:
    """Why it is not let go."""
    node, left = holder.node, holder.attachment
    if node is None:
        return "that instance is no node of this cluster"
    who = names(f"pod {pod.resource.path}" for pod in holder.pods)
    if not node.ready:
        ec2 = f", its instance {holder.instance.state}" if holder.instance else ""
        return f"that node is NotReady ({node.reason}{ec2})" + (f", with {who} on it" if who else "")
    if holder.pods and all(pod.terminating for pod in holder.pods):
        return f"{who} there is being deleted and has not ended"
    if holder.rollout:
        return (
            f"{who} runs there until its successor is ready, because Deployment {holder.rollout.path} "
            "replaces its pods by a rolling update"
        )
    if holder.pods:
        return f"{who} runs there with the same claim"
    return (
        "no pod uses it there any more, but its VolumeAttachment is left"
        if left
        else "no pod uses it there, and Kubernetes did not attach it"
    )


def _ec2(holder: Holder) -> Excerpt:
    handle = holder.mount.volume.handle
    if holder.instance is None:
        node = holder.node.resource.name if holder.node else ""
        return Excerpt(
            call="k8s:list pods", excerpt=f"on node {node}: {names(p.resource.path for p in holder.pods)}"
        )
    return Excerpt(
        call=f"ec2:DescribeVolumes {handle}", excerpt=f"attached to {holder.instance.resource.name}"
    )
