"""Who the controller is in AWS: its ServiceAccount, and how its pods get credentials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.environment import ENV_FROM, HELD_BY, MAYBE_HELD_BY
from runbook.evidence.objects import METADATA_FIELDS, reference
from runbook.evidence.pods import Pod
from runbook.model import NotApplicable, Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: The annotation by which a ServiceAccount names its role.
ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
#: The audience of the tokens that EKS projects for IAM roles, in every partition.
STS_AUDIENCE = "sts.amazonaws.com"

#: The container that calls AWS.
PLUGIN = "ebs-plugin"
#: How EKS Pod Identity hands credentials to a pod.
CONTAINER_CREDENTIALS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_WEB_IDENTITY = ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")
_OTHER_SOURCES = ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")

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
    """The Secret that holds access keys, empty where they stand in the environment itself."""
    optional_secret: str = ""
    """The Secret that would hold access keys if it existed, as the driver's chart always names one."""

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
    present_controller: Controller,
    controller_pods: tuple[Pod, ...],
) -> Identity:
    """The mode, in the order in which the AWS SDK looks: environment, web identity, container, node.

    Raises Unavailable where credentials come from what is not looked into.
    """
    template = present_controller.variables(PLUGIN)
    given = running_variables(controller_pods)
    _refuse_other_sources(template | given, template)
    injected, keys = given.get("AWS_ROLE_ARN", ""), (template | given).get("AWS_ACCESS_KEY_ID", "")
    optional = keys.removeprefix(MAYBE_HELD_BY) if keys.startswith(MAYBE_HELD_BY) else ""
    if keys and not optional:
        secret = keys.removeprefix(HELD_BY) if keys.startswith(HELD_BY) else ""
        return Identity(mode="static keys", secret=secret, injected_role=injected)
    # Where both are configured, EKS gives a pod one of them.
    if service_account.role_arn and (injected or CONTAINER_CREDENTIALS not in given):
        return Identity(mode="web identity", injected_role=injected)
    association = await _association(aws, cluster.name, service_account.resource)
    if association:
        return Identity(
            mode="pod identity",
            association_role=association["roleArn"],
            target_role=association.get("targetRoleArn", ""),
            injected_role=injected,
        )
    return Identity(mode="none", injected_role=injected, optional_secret=optional)


def running_variables(pods: Iterable[Pod]) -> dict[str, str]:
    """The environment of ebs-plugin in the controller's youngest pod that stays."""
    staying = [pod for pod in pods if not pod.terminating]
    youngest = max(staying, key=lambda pod: (pod.created, pod.resource.key), default=None)
    return youngest.variables(PLUGIN) if youngest else {}


def _refuse_other_sources(variables: dict[str, str], template: dict[str, str]) -> None:
    found = [name for name in _OTHER_SOURCES if variables.get(name)]
    # EKS adds these to pods; what stands in the pod template was put there by hand.
    found += [name for name in _WEB_IDENTITY if template.get(name)]
    if ENV_FROM in variables:
        found.append(f"{ENV_FROM} of its container")
    if found:
        raise Unavailable(f"the driver may have credentials from {found[0]}, which is not looked into")


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
            return f"access keys from Secret {identity.secret}" if identity.secret else "access keys"
        case "none":
            return "the node's role"
