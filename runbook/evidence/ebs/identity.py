"""Who the controller is in AWS: its ServiceAccount, how that becomes a role, and what the role trusts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.objects import METADATA_FIELDS, Pod, reference
from runbook.model import NotApplicable, Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: The audience of the tokens that EKS projects for IAM roles, in every partition.
STS_AUDIENCE = "sts.amazonaws.com"

#: As STS takes it. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_ROLE_ARN = re.compile(
    r"arn:(?P<partition>aws(-cn|-us-gov|-iso(-[a-z])?|-eusc)?):iam::(?P<account>\d{12}):role/([!-~]+/)?[\w+=,.@-]{1,64}"
)

Mode = Literal["web identity", "pod identity", "static keys", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """The controller's ServiceAccount; `audience` differs from STS's only where annotated."""

    resource: Resource
    role_arn: str = ""
    audience: str = STS_AUDIENCE

    @property
    def subject(self) -> str:
        """The `sub` of its tokens."""
        return f"system:serviceaccount:{self.resource.namespace}:{self.resource.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How the controller gets credentials: by what is configured, and by what its pods were given."""

    mode: Mode
    association_role: str = ""
    injected_role: str = ""
    """AWS_ROLE_ARN in the running pods, from whenever they were made."""
    secret: str = ""


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


@evidence("k8s:get serviceaccounts")
async def service_account(kubernetes: Kubernetes, present_controller: Controller) -> ServiceAccount:
    """The ServiceAccount that the controller's pod template names."""
    namespace, name = present_controller.resource.namespace, present_controller.service_account
    body = await kubernetes.get(
        "serviceaccounts", name, namespace=namespace, fields=(*METADATA_FIELDS, "metadata.annotations")
    )
    if body is None:
        return ServiceAccount(
            resource=Resource(kind="ServiceAccount", namespace=namespace, name=name, exists=False)
        )
    annotations = body["metadata"].get("annotations", {})
    return ServiceAccount(
        resource=reference("ServiceAccount", body),
        role_arn=annotations.get("eks.amazonaws.com/role-arn", ""),
        audience=annotations.get("eks.amazonaws.com/audience", STS_AUDIENCE),
    )


@evidence("eks:ListPodIdentityAssociations", "eks:DescribePodIdentityAssociation")
async def identity(
    aws: Aws,
    cluster: Cluster,
    service_account: ServiceAccount,
    controller_pods: tuple[Pod, ...],
) -> Identity:
    """The mode, in the order in which the AWS SDK looks: environment, web identity, container, node."""
    variables = next((p.variables("ebs-plugin") for p in controller_pods), {})
    injected = variables.get("AWS_ROLE_ARN", "")
    secret = variables.get("AWS_ACCESS_KEY_ID", "")
    if secret:
        return Identity(mode="static keys", secret=secret.removeprefix("secret:"), injected_role=injected)
    if service_account.role_arn:
        return Identity(mode="web identity", injected_role=injected)
    association = await _association(aws, cluster.name, service_account.resource)
    if association:
        return Identity(mode="pod identity", association_role=association, injected_role=injected)
    return Identity(mode="none", injected_role=injected)


async def _association(aws: Aws, cluster: str, account: Resource) -> str:
    answer = await aws.call(
        "eks:ListPodIdentityAssociations",
        clusterName=cluster,
        namespace=account.namespace,
        serviceAccount=account.name,
        fields=("associations.associationId",),
    )
    for found in (answer or {}).get("associations", ()):
        details = await aws.call(
            "eks:DescribePodIdentityAssociation",
            clusterName=cluster,
            associationId=found["associationId"],
            fields=("association.roleArn",),
        )
        if details:
            return str(details["association"]["roleArn"])
    return ""


@evidence()
async def web_identity(identity: Identity, service_account: ServiceAccount) -> ServiceAccount:
    """The ServiceAccount, where the driver uses IAM roles for service accounts. Raises NotApplicable."""
    if identity.mode != "web identity":
        raise NotApplicable(
            f"the driver does not use IAM roles for service accounts but {described(identity)}"
        )
    return service_account


def described(identity: Identity) -> str:
    """The mode in words."""
    match identity.mode:
        case "web identity":
            return "IAM roles for service accounts"
        case "pod identity":
            return f"EKS Pod Identity (role {identity.association_role})"
        case "static keys":
            return f"access keys from Secret {identity.secret}"
        case "none":
            return "the node's role"


@evidence("iam:GetRole")
async def driver_role(aws: Aws, cluster: Cluster, web_identity: ServiceAccount) -> DriverRole:
    """The role that the annotation names, with its trust policy."""
    named = role_named(web_identity.role_arn)
    absent = DriverRole(resource=replace(named, exists=False), policy={})
    parts = RoleArn.of(web_identity.role_arn)
    if parts is None:
        return absent
    _refuse_other_account(parts, cluster)
    answer = await aws.call("iam:GetRole", RoleName=named.name, fields=("Role.Arn", "Role.AssumeRolePolicyDocument"))
    if answer is None:
        return absent
    return DriverRole(
        resource=replace(named, arn=answer["Role"]["Arn"]), policy=answer["Role"]["AssumeRolePolicyDocument"]
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


def _refuse_other_account(named: RoleArn, cluster: Cluster) -> None:
    """IAM answers only for the account that asks: a role of another one is not absent, it is out of sight."""
    if named.account != cluster.account and named.partition == cluster.partition:
        raise Unavailable(
            f"the driver's role belongs to account {named.account}, whose roles and identity providers "
            f"cannot be seen from account {cluster.account}"
        )


@evidence("iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider")
async def identity_provider(aws: Aws, cluster: Cluster, web_identity: ServiceAccount) -> IdentityProvider:
    """IAM's OIDC provider for the cluster's issuer, in the account of the role."""
    if parts := RoleArn.of(web_identity.role_arn):
        _refuse_other_account(parts, cluster)
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
