"""A volume in a zone where no node can take its pod."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import command
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.attachments import Mount
from runbook.evidence.ebs.chain_nodes import zone_resource
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.ebs.regional import resize_node_group
from runbook.evidence.objects import something
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, Fix, Parameters, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.wording import names


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
    cluster: Cluster | Unavailable,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """A node that may take the pod is in the zone of the pod's volume.

    An EBS volume exists in one availability zone and can be attached only to nodes there. When the last
    usable node of that zone goes, its pods cannot be placed, however many nodes there are elsewhere.
    """
    bound = tuple(m for m in pod_mounts if m.pod in unscheduled and m.volume.zones)
    told = set()
    for mount in something(Seen(bound, pod_mounts.gaps), "no volume binds the pods to a zone"):
        zones = mount.volume.zones
        there = [node for node in all_nodes if node.zone in zones]
        if zones in told or any(node.usable(mount.pod) for node in there):
            continue
        told.add(zones)
        remedy = fix(mount.pod, there, zones[0], parameters["EksClusterName"], cluster)
        yield _problem(mount, there, all_nodes, (*remedy, *aftercare.verify()))


def _problem(mount: Mount, there: list[Node], nodes: tuple[Node, ...], remedy: tuple[Fix, ...]) -> Problem:
    pod, zones = mount.pod, mount.volume.zones
    says = why(pod, there)
    said = Excerpt(call=f"k8s:get pods {pod.resource.path}", excerpt=pod.unschedulable)
    return Problem(
        resource=zone_resource(zones[0]),
        summary=f"volume {mount.volume.handle} of pod {pod.resource.path} is in {names(zones)}, where {says}",
        brief=says,
        facts=(_elsewhere(nodes),),
        evidence=(said,) if pod.unschedulable else (),
        fix=remedy,
    )


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


def fix(pod: Pod, there: list[Node], zone: str, name: str, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
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
        command=resize_node_group(name, cluster),
    )
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
