"""What stands behind the ServiceAccount's annotation: the IAM role and the identity provider."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.identity import ServiceAccount
from runbook.model import Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

#: As STS takes it. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_ROLE_ARN = re.compile(
    r"arn:(?P<partition>aws(-cn|-us-gov|-iso(-[a-z])?|-eusc)?):iam::(?P<account>\d{12}):role/([!-~]+/)?[\w+=,.@-]{1,64}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverRole:
    """The IAM role behind the annotation; absent when `resource.exists` is False, and then without policy.

    `resource.arn` is the role's own ARN, that of an absent one the annotation's, which may be no ARN at all.
    """

    resource: Resource
    policy: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """The cluster's OIDC provider in IAM; absent when `resource.exists` is False."""

    resource: Resource
    audiences: tuple[str, ...] = ()


@evidence("iam:GetRole")
async def driver_role(aws: Aws, cluster: Cluster, web_identity: ServiceAccount) -> DriverRole:
    """The role that the annotation names, with its trust policy."""
    named = role_named(web_identity.role_arn)
    absent = DriverRole(resource=replace(named, exists=False), policy={})
    parts = RoleArn.of(web_identity.role_arn)
    if parts is None:
        return absent
    refuse_other_account(parts, cluster)
    answer = await aws.call(
        "iam:GetRole", RoleName=named.name, fields=("Role.Arn", "Role.AssumeRolePolicyDocument")
    )
    if answer is None:
        return absent
    return DriverRole(
        resource=replace(named, arn=answer["Role"]["Arn"]),
        policy=answer["Role"].get("AssumeRolePolicyDocument", {}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleArn:
    """The parts of a role's ARN that decide who may use it."""

    partition: str
    account: str

    @classmethod
    def of(cls, text: str) -> RoleArn | None:
        """The parts, None where the text is not the ARN of a role."""
        match = _ROLE_ARN.fullmatch(text)
        return cls(partition=match["partition"], account=match["account"]) if match else None


def role_named(arn: str) -> Resource:
    """The role that an annotation names; its text where that is no ARN."""
    return Resource(kind="Role", name=arn.rpartition("/")[2] or arn, arn=arn)


def refuse_other_account(named: RoleArn, cluster: Cluster) -> None:
    """Raises Unavailable: IAM answers for the account that asks; a role of another one is out of sight."""
    if named.account != cluster.account and named.partition == cluster.partition:
        raise Unavailable(
            f"the driver's role belongs to account {named.account}, whose roles and identity providers "
            f"cannot be seen from account {cluster.account}"
        )


@evidence("iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider")
async def identity_provider(aws: Aws, cluster: Cluster, web_identity: ServiceAccount) -> IdentityProvider:
    """IAM's OIDC provider for the cluster's issuer, in the account of the role."""
    if parts := RoleArn.of(web_identity.role_arn):
        refuse_other_account(parts, cluster)
    if not cluster.issuer:
        raise Unavailable(f"AWS does not tell the issuer of cluster {cluster.name}")
    arn = f"arn:{cluster.partition}:iam::{cluster.account}:oidc-provider/{cluster.issuer}"
    listed = await aws.call("iam:ListOpenIDConnectProviders", fields=("OpenIDConnectProviderList.Arn",))
    arns = {item["Arn"] for item in (listed or {}).get("OpenIDConnectProviderList", ())}
    if arn not in arns:
        return IdentityProvider(
            resource=Resource(kind="OIDCProvider", name=cluster.issuer, arn=arn, exists=False)
        )
    answer = await aws.call(
        "iam:GetOpenIDConnectProvider", OpenIDConnectProviderArn=arn, fields=("ClientIDList",)
    )
    return IdentityProvider(
        resource=Resource(kind="OIDCProvider", name=cluster.issuer, arn=arn),
        audiences=tuple(sorted((answer or {}).get("ClientIDList", ()))),
    )
