"""Who the controller is in AWS: its ServiceAccount, how that becomes a role, and what the role trusts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.trust import Fault, Statement, Token, faults, statements, unjudged
from runbook.evidence.objects import METADATA_FIELDS, Pod, reference
from runbook.model import NotApplicable, Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: The audience of the tokens that EKS projects for IAM roles, in every partition.
STS_AUDIENCE = "sts.amazonaws.com"

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
    """The IAM role behind the annotation; absent when `resource.exists` is False."""

    resource: Resource
    policy: dict[str, Any]
    statements: tuple[Statement, ...] = ()


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
async def driver_role(aws: Aws, web_identity: ServiceAccount) -> DriverRole:
    """The role that the annotation names, with its trust policy."""
    arn = web_identity.role_arn
    name = arn.rpartition("/")[2]
    if not name:
        raise Unavailable(f"annotation eks.amazonaws.com/role-arn '{arn}' names no role")
    answer = await aws.call(
        "iam:GetRole", RoleName=name, fields=("Role.Arn", "Role.AssumeRolePolicyDocument")
    )
    if answer is None:
        return DriverRole(resource=Resource(kind="Role", name=name, arn=arn, exists=False), policy={})
    policy = answer["Role"]["AssumeRolePolicyDocument"]
    return DriverRole(
        resource=Resource(kind="Role", name=name, arn=answer["Role"]["Arn"]),
        policy=policy,
        statements=tuple(statements(policy)),
    )


@evidence("iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider")
async def identity_provider(aws: Aws, cluster: Cluster, web_identity: ServiceAccount) -> IdentityProvider:
    """IAM's OIDC provider for the cluster's issuer."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the role's trust policy makes of the controller's token.

    `faults` are those of the Allow statement that comes nearest, empty when one lets the token in.
    """

    role: Resource
    policy: dict[str, Any]
    token: Token
    faults: tuple[Fault, ...]
    denied: bool = False

    def wrong(self, *claims: str) -> tuple[Fault, ...]:
        """The faults of some claims."""
        return tuple(fault for fault in self.faults if fault.claim in claims)


@evidence()
async def trust(driver_role: DriverRole, cluster: Cluster, web_identity: ServiceAccount) -> Trust:
    """Judge the trust policy as STS does. Raises Unavailable where it has conditions of other kinds."""
    if not driver_role.resource.exists:
        raise NotApplicable(f"role {driver_role.resource.name} does not exist")
    account = driver_role.resource.arn.split(":")[4]
    token = Token(
        provider_arn=f"arn:{cluster.partition}:iam::{account}:oidc-provider/{cluster.issuer}",
        issuer=cluster.issuer,
        audience=web_identity.audience,
        subject=web_identity.subject,
    )
    allows = [s for s in driver_role.statements if s.effect == "Allow"]
    denies = [s for s in driver_role.statements if s.effect == "Deny" and not faults(s, token)]
    nearest = min(allows, key=lambda s: len(faults(s, token)), default=None)
    found = (Fault(claim="provider", found=()),) if nearest is None else faults(nearest, token)
    if nearest is not None and not found and (unknown := unjudged(nearest)):
        raise Unavailable(
            f"the trust policy of role {driver_role.resource.name} has a condition not judged here: "
            + ", ".join(unknown)
        )
    return Trust(
        role=driver_role.resource, policy=driver_role.policy, token=token, faults=found, denied=bool(denies)
    )
