"""Where the controller's pods run: their nodes, and the EC2 instances that these are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runbook.evidence.ebs.nodes import Node, node
from runbook.evidence.objects import seen
from runbook.evidence.pods import Pod
from runbook.model import Seen, Unavailable
from runbook.ports.aws import Aws
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

_INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")
_FIELDS = tuple(
    f"Reservations.Instances.{field}"
    for field in (
        "InstanceId", "SubnetId", "VpcId", "PublicIpAddress", "IamInstanceProfile.Arn",
        "Placement.AvailabilityZone",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """An EC2 instance on which the controller runs, with the name of its instance profile, if any."""

    node: Node
    id: str
    subnet: str
    vpc: str
    zone: str = ""
    public: bool = False
    """Whether it has a public address."""
    profile: str = ""


@evidence("k8s:get nodes")
async def controller_nodes(kubernetes: Kubernetes, controller_pods: tuple[Pod, ...]) -> Seen[Node]:
    """The nodes of the controller's pods, few as its replicas are."""
    names = sorted({pod.node for pod in controller_pods if pod.node})
    return await seen(node(kubernetes, name) for name in names)


@evidence("ec2:DescribeInstances")
async def controller_hosts(aws: Aws, controller_nodes: Seen[Node]) -> Seen[Host]:
    """The instances of these nodes; nothing to look at is a gap."""
    if not controller_nodes.items and not controller_nodes.gaps:
        return Seen((), (Unavailable("no pod of the controller is on a node"),))
    nodes = {node.instance: node for node in controller_nodes if _INSTANCE.fullmatch(node.instance)}
    gaps = [
        Unavailable(f"node {node.resource.name} is no EC2 instance of this account that could be looked at")
        for node in controller_nodes
        if node.instance not in nodes
    ]
    found = await _described(aws, nodes) if nodes else ()
    missing = sorted(nodes.keys() - {instance.id for instance in found})
    gaps += [Unavailable(f"EC2 knows no instance {name}") for name in missing]
    return Seen(found, (*controller_nodes.gaps, *gaps))


async def _described(aws: Aws, nodes: dict[str, Node]) -> tuple[Host, ...]:
    # A filter leaves out what does not exist; an id of nothing would have the whole question refused.
    wanted = [{"Name": "instance-id", "Values": sorted(nodes)}]
    answer = await aws.call("ec2:DescribeInstances", Filters=wanted, fields=_FIELDS)
    return tuple(
        Host(
            node=nodes[body["InstanceId"]],
            id=body["InstanceId"],
            subnet=body["SubnetId"],
            vpc=body["VpcId"],
            zone=body.get("Placement", {}).get("AvailabilityZone", ""),
            public="PublicIpAddress" in body,
            profile=body.get("IamInstanceProfile", {}).get("Arn", "").rpartition("/")[2],
        )
        for reservation in (answer or {}).get("Reservations", ())
        for body in reservation.get("Instances", ())
        if "SubnetId" in body and "VpcId" in body
    )
