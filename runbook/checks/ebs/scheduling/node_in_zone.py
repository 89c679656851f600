"""EBS-PV01: a volume in a zone where no node can take its pod."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.commands import command
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.attachments import Mount
from runbook.evidence.ebs.chain_nodes import zone_resource
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.objects import something
from runbook.evidence.pods import Pod
from runbook.evidence.wording import names
from runbook.model import Excerpt, Fix, NotApplicable, Parameters, Problem, Seen
from runbook.registry import check


@check(
    severity="high",
    about="AvailabilityZone",
    covers=["EBS-PV01"],
    docs="https://docs.aws.amazon.com/eks/latest/best-practices/cluster-autoscaling.html",
)
def node_in_zone(
    unscheduled: tuple[Pod, ...],
    pod_mounts: Seen[Mount],
    all_nodes: tuple[Node, ...],
    parameters: Parameters,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """A node that may take the pod is in the zone of the pod's volume.

    An EBS volume exists in one availability zone and can be attached only to nodes there. When the last
    usable node of that zone goes, its pods cannot be placed, however many nodes there are elsewhere.
    """
    mounts = something(pod_mounts, "no volume binds the pods to a zone")
    if not any(m.pod in unscheduled and m.volume.zones for m in mounts) and not mounts.gaps:
        raise NotApplicable("no volume binds the pods to a zone")
    told = set()
    for mount in mounts:
        zones = mount.volume.zones
        if mount.pod not in unscheduled or not zones or zones in told:
            continue
        if other := _apart(mount, pod_mounts):
            yield _torn(mount, other)
            return
        there = [node for node in all_nodes if node.zone in zones]
        if any(node.usable(mount.pod) for node in there):
            continue
        told.add(zones)
        says = why(mount.pod, there)
        yield Problem(
            resource=zone_resource(zones[0]),
            summary=f"volume {mount.volume.handle} of pod {mount.pod.resource.path} is in {names(zones)}, "
            f"where {says}",
            brief=says,
            facts=(_elsewhere(all_nodes),),
            evidence=(
                Excerpt(call=f"k8s:get pods {mount.pod.resource.path}", excerpt=mount.pod.unschedulable),
            )
            if mount.pod.unschedulable
            else (),
            fix=(*fix(mount.pod, there, zones[0], parameters["EksClusterName"]), *aftercare.verify()),
        )


def _apart(mount: Mount, every: Seen[Mount]) -> Mount | None:
    """Another volume of the same pod, in another zone."""
    mine = (m for m in every if m.pod == mount.pod and m.volume.zones)
    return next((m for m in mine if not set(m.volume.zones) & set(mount.volume.zones)), None)


def _torn(mount: Mount, other: Mount) -> Problem:
    parts = [f"{m.volume.handle} in {names(m.volume.zones)}" for m in (mount, other)]
    return Problem(
        resource=zone_resource(mount.volume.zones[0]),
        summary=f"the volumes of pod {mount.pod.resource.path} are in different zones ({names(parts)}), "
        "so that no node can have both",
        brief=f"another volume of the pod is in {names(other.volume.zones)}",
        fix=(
            Fix(
                text="Move one of them: take a snapshot of it and make a volume of that in the other's zone",
                command=command(
                    "aws", "ec2", "create-snapshot", "--volume-id", mount.volume.handle,
                    "--description", f"to move {mount.claim.resource.path}",
                ),
            ),
        ),
    )  # fmt: skip


def why(pod: Pod, there: list[Node]) -> str:
    """What keeps the pod from each node of the zone."""
    if not there:
        return "the cluster has no node"
    reasons: dict[str, list[str]] = {}
    for node in there:
        reasons.setdefault(_obstacle(node, pod), []).append(node.resource.name)
    told = [f"node {names(nodes, most=3)} {reason}" for reason, nodes in sorted(reasons.items())]
    return f"no node can take it: {'; '.join(told)}"


def _obstacle(node: Node, pod: Pod) -> str:
    taint = node.keeps_away(pod)
    if not node.ready:
        return f"is not Ready ({node.reason or 'for no given reason'})"
    if node.cordoned:
        return "is cordoned"
    if not node.selected_by(pod):
        return f"lacks the labels of the pod's nodeSelector, {_selector(pod)}"
    return f"has the taint {taint[0]}:{taint[2]}, which the pod does not tolerate" if taint else "is usable"


def _selector(pod: Pod) -> str:
    return ",".join(f"{key}={value}" for key, value in pod.node_selector)


def _elsewhere(nodes: tuple[Node, ...]) -> str:
    zones = sorted({node.zone for node in nodes if node.ready and node.zone})
    return f"Ready nodes are in {names(zones) or 'no zone'}"


def fix(pod: Pod, there: list[Node], zone: str, cluster: str) -> tuple[Fix, ...]:
    """Give back the nodes that are only cordoned; else a node in the zone; else the volume elsewhere."""
    cordoned = [n.resource.name for n in there if n.ready and n.cordoned and n.selected_by(pod)]
    if cordoned:
        return (
            Fix(
                text="Allow pods on the node again, unless it is being drained on purpose",
                command=command("kubectl", "uncordon", *cordoned),
            ),
        )
    sick = [n.resource.name for n in there if not n.ready]
    looked = (
        Fix(
            text="See why the node there is not Ready", command=command("kubectl", "describe", "node", *sick)
        ),
    )
    added = Fix(
        text=f"Add a node in {zone}: raise the size of a node group whose subnets are there (its name for "
        "GROUP, its new size for COUNT; one node group per zone keeps this from happening again)",
        command=command(
            "aws", "eks", "update-nodegroup-config", "--cluster-name", cluster,
            "--nodegroup-name", "GROUP", "--scaling-config", "desiredSize=COUNT",
        ),
    )  # fmt: skip
    if there and not sick:
        return (
            Fix(
                text="Compare labels and taints of the nodes there with the pod's selector and tolerations",
                command=command(
                    "kubectl", "get", "nodes", "-l", f"topology.kubernetes.io/zone={zone}", "--show-labels"
                ),
            ),
        )
    return (*(looked if sick else ()), added)
