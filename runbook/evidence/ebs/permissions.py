"""Whether a role may do in EC2 what the driver does there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.driver_role import DriverRole, RoleArn, refuse_other_account, role_named
from runbook.evidence.ebs.identity import Identity, described
from runbook.model import NotApplicable, Resource, Unavailable
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
SIMULATED = (
    "EvalActionName", "EvalDecision", "MissingContextValues",
    "ResourceSpecificResults.MissingContextValues",
    "PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary",
    "OrganizationsDecisionDetail.AllowedByOrganizations",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What a role lacks of the EC2 actions that the driver needs.

    `forbidden` are those of `denied` that an explicit Deny, a permissions boundary or the organization rules
    out, so that a further policy does not help.
    """

    role: Resource
    denied: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@evidence("iam:ListAttachedRolePolicies", "iam:SimulatePrincipalPolicy")
async def driver_permissions(
    aws: Aws,
    cluster: Cluster,
    identity: Identity,
    driver_role: DriverRole | Unavailable | NotApplicable,
) -> Permissions:
    """What the driver's own role lacks. Raises NotApplicable where it has none that exists."""
    if identity.mode == "pod identity":
        arn = identity.working_role
        if parts := RoleArn.of(arn):
            refuse_other_account(parts, cluster)
        return await permissions(aws, cluster, role_named(arn))
    if identity.mode != "web identity":
        raise NotApplicable(f"the driver has no role of its own but uses {described(identity)}")
    if not isinstance(driver_role, DriverRole):
        raise driver_role
    if not driver_role.resource.exists:
        raise NotApplicable(f"role {driver_role.resource.name} does not exist")
    return await permissions(aws, cluster, driver_role.resource)


async def permissions(aws: Aws, cluster: Cluster, role: Resource) -> Permissions:
    """Ask IAM's simulator, unless AWS's own policy is attached. Raises Unavailable where it cannot tell."""
    attached = await aws.call(
        "iam:ListAttachedRolePolicies", RoleName=role.name, fields=("AttachedPolicies.PolicyArn",)
    )
    if attached is None:
        raise Unavailable(f"IAM knows no role {role.name}")
    own = f"arn:{cluster.partition}:iam::aws:policy/service-role/"
    arns = {policy["PolicyArn"] for policy in attached.get("AttachedPolicies", ())}
    if arns & {own + policy for policy in SUFFICIENT}:
        return Permissions(role=role)
    place = f"arn:{cluster.partition}:ec2:{cluster.region}:{cluster.account}"
    judged = await asyncio.gather(
        _simulate(aws, role.arn, _ON_VOLUMES, f"{place}:volume/*"),
        _simulate(aws, role.arn, _ON_INSTANCES, f"{place}:instance/*"),
    )
    denied = [result for results in judged for result in results]
    return Permissions(role=role, denied=_actions(denied), forbidden=_actions(filter(ruled_out, denied)))


async def _simulate(aws: Aws, role: str, actions: Sequence[str], resource: str) -> list[dict[str, Any]]:
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
        fields=tuple(f"EvaluationResults.{field}" for field in SIMULATED),
    )
    results: list[dict[str, Any]] = (answer or {}).get("EvaluationResults", [])
    if len(results) < len(actions):
        raise Unavailable(f"IAM's simulator did not answer for every action of role {role}")
    denied = [result for result in results if result["EvalDecision"] != "allowed"]
    for result in denied:
        if missing := missing_context(result):
            raise Unavailable(
                f"whether role {role} may use {result['EvalActionName']} depends on {', '.join(missing)}, "
                "which the simulator was not given"
            )
    return denied


def missing_context(result: dict[str, Any]) -> list[str]:
    """The context keys on which a decision of IAM's simulator depended and that it was not given.

    Where resources are named, IAM tells what it missed by resource.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """
    found = [*result.get("MissingContextValues", ())]
    for specific in result.get("ResourceSpecificResults", ()):
        found += specific.get("MissingContextValues", ())
    return [*dict.fromkeys(found)]


def ruled_out(result: dict[str, Any]) -> bool:
    """Whether a denial is explicit, or a boundary's or the organization's: a further policy does not help."""
    bounded = result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False
    shut = result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False
    return result["EvalDecision"] == "explicitDeny" or bounded or shut


def _actions(results: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(result["EvalActionName"] for result in results))
