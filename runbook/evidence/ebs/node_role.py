"""What the driver may do as its node, where it has no identity of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.controller_nodes import Host
from runbook.evidence.ebs.identity import Identity, described
from runbook.evidence.objects import seen
from runbook.model import NotApplicable, Resource, Seen, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

#: Policies of AWS that hold everything the driver does; the cluster-scoped one needs tags of a session.
SUFFICIENT = ("AmazonEBSCSIDriverPolicy", "AmazonEBSCSIDriverPolicyV2")
#: Without one of these no pod gets a volume.
_ON_VOLUMES = (
    "ec2:CreateVolume", "ec2:AttachVolume", "ec2:DetachVolume", "ec2:DeleteVolume", "ec2:CreateTags",
    "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeVolumes",
)  # fmt: skip
_ON_INSTANCES = ("ec2:AttachVolume", "ec2:DetachVolume")
#: The tags that the driver sets and the managed policies ask for; without them the simulator denies.
_CONTEXT = {
    "ec2:CreateAction": "CreateVolume",
    **{
        f"{scope}/{tag}": value
        for scope in ("aws:RequestTag", "aws:ResourceTag", "ec2:ResourceTag")
        for tag, value in (("ebs.csi.aws.com/cluster", "true"), ("CSIVolumeName", "pvc-0"))
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRole:
    """The role of one or more of the controller's nodes, None for nodes without one."""

    resource: Resource | None
    nodes: tuple[str, ...]
    denied: tuple[str, ...] = ()
    """EC2 actions that the driver needs and the role's policies do not allow."""

    @property
    def suffices(self) -> bool:
        """Whether the driver can work with it."""
        return self.resource is not None and not self.denied


@evidence("iam:GetInstanceProfile", "iam:ListAttachedRolePolicies", "iam:SimulatePrincipalPolicy")
async def node_roles(
    aws: Aws, cluster: Cluster, identity: Identity, controller_hosts: Seen[Host] | Unavailable
) -> Seen[NodeRole]:
    """The nodes' roles and what they lack. Raises NotApplicable where the driver does not work with them."""
    if identity.mode != "none":
        raise NotApplicable(f"the driver does not use the node's role but {described(identity)}")
    if isinstance(controller_hosts, Unavailable):
        raise controller_hosts
    nodes: dict[str, list[str]] = {}
    for host in controller_hosts:
        nodes.setdefault(host.profile, []).append(host.node.resource.name)
    found = await seen(_role(aws, cluster, profile, on) for profile, on in sorted(nodes.items()))
    return Seen(found.items, (*controller_hosts.gaps, *found.gaps))


async def _role(aws: Aws, cluster: Cluster, profile: str, nodes: Iterable[str]) -> NodeRole:
    answer = None
    if profile:
        answer = await aws.call(
            "iam:GetInstanceProfile",
            InstanceProfileName=profile,
            fields=("InstanceProfile.Roles.RoleName", "InstanceProfile.Roles.Arn"),
        )
    roles = (answer or {}).get("InstanceProfile", {}).get("Roles", ())
    if not roles:
        return NodeRole(resource=None, nodes=tuple(sorted(nodes)))
    name, arn = roles[0]["RoleName"], roles[0]["Arn"]
    denied = await _denied(aws, cluster, name, arn)
    return NodeRole(
        resource=Resource(kind="Role", name=name, arn=arn), nodes=tuple(sorted(nodes)), denied=denied
    )


async def _denied(aws: Aws, cluster: Cluster, name: str, arn: str) -> tuple[str, ...]:
    attached = await aws.call(
        "iam:ListAttachedRolePolicies", RoleName=name, fields=("AttachedPolicies.PolicyArn",)
    )
    own = f"arn:{cluster.partition}:iam::aws:policy/service-role/"
    arns = {policy["PolicyArn"] for policy in (attached or {}).get("AttachedPolicies", ())}
    if arns & {own + policy for policy in SUFFICIENT}:
        return ()
    place = f"arn:{cluster.partition}:ec2:{cluster.region}:{cluster.account}"
    judged = await asyncio.gather(
        _simulate(aws, arn, _ON_VOLUMES, f"{place}:volume/*"),
        _simulate(aws, arn, _ON_INSTANCES, f"{place}:instance/*"),
    )
    return tuple(dict.fromkeys(action for some in judged for action in some))


async def _simulate(aws: Aws, role: str, actions: Iterable[str], resource: str) -> list[str]:
    """What IAM's simulator denies. Raises Unavailable where it misses something to decide by."""
    answer = await aws.call(
        "iam:SimulatePrincipalPolicy",
        PolicySourceArn=role,
        ActionNames=[*actions],
        ResourceArns=[resource],
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in sorted(_CONTEXT.items())
        ],
        fields=tuple(
            f"EvaluationResults.{field}"
            for field in ("EvalActionName", "EvalDecision", "MissingContextValues")
        ),
    )
    results: list[dict[str, Any]] = (answer or {}).get("EvaluationResults", [])
    denied = [result for result in results if result["EvalDecision"] != "allowed"]
    if len(results) < len([*actions]):
        raise Unavailable(f"IAM's simulator did not answer for every action of role {role}")
    for result in denied:
        if missing := result.get("MissingContextValues"):
            raise Unavailable(
                f"whether role {role} may use {result['EvalActionName']} depends on {', '.join(missing)}, "
                "which the simulator was not given"
            )
    return [result["EvalActionName"] for result in denied]
