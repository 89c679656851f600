"""Every node that could take the pod holds as many volumes as it may."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runbook.commands import command
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.attachments import Mount
from runbook.evidence.ebs.nodes import CsiNode, Node
from runbook.evidence.ebs.regional import resize_node_group
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, Fix, NotApplicable, Parameters, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.wording import names

#: The scheduler counts the nodes that it left out for this reason.
_SAID = re.compile(r"(\d+) node\(s\) exceed max volume count")
_OF = re.compile(r"0/(\d+) nodes are available")


@check(
    severity="high",
    about="Pod",
    covers=["EBS-A01"],
    docs="https://docs.aws.amazon.com/ebs/latest/userguide/volume_limits.html",
)
def attachment_limit(
    unscheduled: tuple[Pod, ...],
    pod_mounts: Seen[Mount] | Unavailable,
    all_nodes: tuple[Node, ...],
    all_csi_nodes: tuple[CsiNode, ...],
    parameters: Parameters,
    cluster: Cluster | Unavailable,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """A node that may take the pod has room for its volumes.

    An instance takes a limited number of volumes, network interfaces and disks together. The driver tells
    Kubernetes how many volumes that leaves, and the scheduler places no pod beyond it.
    """
    placing = [pod for pod in unscheduled if pod.claims]
    if not placing:
        raise NotApplicable("the pods without a node use no claim")
    limits = {one.resource.name: one.limit for one in all_csi_nodes}
    nodes = {pod: _able(pod, pod_mounts, all_nodes) for pod in placing}
    for pod, able in nodes.items():
        full = [node for node in able if _full(node, limits.get(node.resource.name))]
        # What the scheduler says counts; what we count speaks only while it has said nothing.
        counted = not pod.unschedulable and able and len(full) == len(able)
        if counted or _SAID.search(pod.unschedulable):
            add = fix(full, parameters["EksClusterName"], cluster)
            yield _problem(pod, able, full, limits, (*add, *aftercare.verify()))
        else:
            _refuse_unknown(able, pod_mounts, limits)
    if not any(able or _SAID.search(pod.unschedulable) for pod, able in nodes.items()):
        raise NotApplicable("no node may take the pod")


def _able(pod: Pod, mounts: Seen[Mount] | Unavailable, nodes: tuple[Node, ...]) -> list[Node]:
    """The nodes that may take the pod; none while it is not known where its volumes are."""
    if isinstance(mounts, Unavailable) or mounts.gaps:
        return []
    zones = [set(m.volume.zones) for m in mounts if m.pod == pod and m.volume.zones]
    return [n for n in nodes if n.usable(pod) and all(n.zone in some for some in zones)]


def _refuse_unknown(
    able: list[Node], mounts: Seen[Mount] | Unavailable, limits: dict[str, int | None]
) -> None:
    """Raises Unavailable when it is not known that one of the nodes has room."""
    if isinstance(mounts, Unavailable):
        raise mounts
    for gap in mounts.gaps:
        raise gap
    unknown = [node.resource.name for node in able if limits.get(node.resource.name) is None]
    known = (node for node in able if node.resource.name not in unknown)
    if unknown and all(_full(node, limits[node.resource.name]) for node in known):
        raise Unavailable(f"the driver has told no limit for node {names(unknown)}")


def _problem(
    pod: Pod, able: list[Node], full: list[Node], limits: dict[str, int | None], remedy: tuple[Fix, ...]
) -> Problem:
    said = Excerpt(call=f"k8s:get pods {pod.resource.path}", excerpt=pod.unschedulable)
    return Problem(
        resource=pod.resource,
        summary=_summary(pod, able, full, limits),
        brief="no node has room for another volume",
        facts=tuple(_count(node, limits[node.resource.name]) for node in full[:10]),
        evidence=(said,) if _SAID.search(pod.unschedulable) else (),
        fix=remedy,
    )


def _full(node: Node, limit: int | None) -> bool:
    return limit is not None and len(node.attached) >= limit


def _summary(pod: Pod, able: list[Node], full: list[Node], limits: dict[str, int | None]) -> str:
    if full and len(full) == len(able):
        told = names(
            (f"{n.resource.name} ({len(n.attached)} of {limits[n.resource.name]})" for n in full), most=3
        )
        some = "every node" if len(full) > 1 else "the only node"
        return f"{some} that could take pod {pod.resource.path} holds as many EBS volumes as it may: {told}"
    counted, every = _SAID.search(pod.unschedulable), _OF.search(pod.unschedulable)
    number = counted[1] if counted else "0"
    of = f" of {every[1]}" if every else ""
    return (
        f"{number}{of} nodes hold as many volumes as they may, says the scheduler, "
        f"and no other can take pod {pod.resource.path}"
    )


def _count(node: Node, limit: int | None) -> str:
    return f"node {node.resource.name}: {len(node.attached)} of {limit} EBS volumes attached"


def fix(full: list[Node], name: str, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
    """More nodes, or larger ones: the limit itself belongs to the instance type."""
    zones = sorted({node.zone for node in full if node.zone})
    where = f" in {zones[0]}" if len(zones) == 1 else ""
    add = Fix(
        text=f"Add a node{where}, or a node group of a larger instance type, which takes more volumes (the "
        "node group's name for GROUP, its new size for COUNT)",
        command=resize_node_group(name, cluster),
    )
    if not full:
        return (add,)
    selector = f"spec.nodeName={full[0].resource.name}"
    pods = command("kubectl", "get", "pods", "--all-namespaces", "--field-selector", selector)
    return (add, Fix(text=f"Or see which pods on {full[0].resource.name} may go", command=pods))
