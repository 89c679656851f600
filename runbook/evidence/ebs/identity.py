"""Who the controller is in AWS: its ServiceAccount, and how its pods get credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.objects import METADATA_FIELDS, reference
from runbook.evidence.pods import Pod
from runbook.model import NotApplicable, Resource
from runbook.ports.aws import Aws
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: The annotation by which a ServiceAccount names its role.
ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
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
    target_role: str = ""
    """The role that an association's role goes on to assume, empty in most."""
    injected_role: str = ""
    """AWS_ROLE_ARN in the running pods, from whenever they were made."""
    secret: str = ""

    @property
    def working_role(self) -> str:
        """The ARN of the role that EC2 sees, where Pod Identity gives one."""
        return self.target_role or self.association_role


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
        role_arn=annotations.get(ROLE_ANNOTATION, ""),
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
        return Identity(
            mode="pod identity",
            association_role=association["roleArn"],
            target_role=association.get("targetRoleArn", ""),
            injected_role=injected,
        )
    return Identity(mode="none", injected_role=injected)


async def _association(aws: Aws, cluster: str, account: Resource) -> dict[str, Any]:
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
            fields=("association.roleArn", "association.targetRoleArn"),
        )
        if details:
            association: dict[str, Any] = details["association"]
            return association
    return {}


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
