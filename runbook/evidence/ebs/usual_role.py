"""A role that was made for the driver but is not used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from runbook.evidence.ebs.account import Addon, Cluster
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.identity import STS_AUDIENCE, Identity, ServiceAccount, described
from runbook.evidence.ebs.trust import Token
from runbook.evidence.ebs.web_identity import judged, token_of
from runbook.model import NotApplicable, Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

#: The name that the EKS User Guide and eksctl give to the driver's role.
NAME = "AmazonEKS_EBS_CSI_DriverRole"
DEFAULT_SUBJECT = "system:serviceaccount:kube-system:ebs-csi-controller-sa"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualRole:
    """The role of the usual name; absent when `arn` is empty."""

    arn: str
    policy: dict[str, Any]

    def lets_in(self, token: Token) -> bool:
        """Whether it certainly trusts these tokens."""
        try:
            trust = judged(Resource(kind="Role", name=NAME, arn=self.arn), self.policy, token)
        except Unavailable:
            return False
        return bool(self.arn) and not trust.faults and not trust.denying


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRole:
    """A role that was made for the driver, whose ServiceAccount does not name it; `arn` empty without one."""

    arn: str = ""
    told_by: Literal["add-on", "pods", "trust policy", ""] = ""

    @property
    def name(self) -> str:
        """The role's name."""
        return self.arn.rpartition("/")[2]


@evidence()
async def no_identity(controller: Controller, identity: Identity | NotApplicable) -> Controller:
    """The controller where nothing gives it a role, or where there is none. Raises NotApplicable."""
    if isinstance(identity, Identity) and identity.mode != "none":
        raise NotApplicable(f"the driver uses {described(identity)}")
    return controller


@evidence("iam:GetRole")
async def usual_role(aws: Aws, no_identity: Controller) -> UsualRole:
    """The role of the usual name, present or absent, where the driver has none."""
    answer = await aws.call(
        "iam:GetRole", RoleName=NAME, fields=("Role.Arn", "Role.AssumeRolePolicyDocument")
    )
    found = (answer or {}).get("Role", {})
    return UsualRole(arn=found.get("Arn", ""), policy=found.get("AssumeRolePolicyDocument", {}))


@evidence()
async def made_role(
    no_identity: Controller,
    identity: Identity,
    cluster: Cluster,
    service_account: ServiceAccount,
    addon: Addon | Unavailable,
    usual_role: UsualRole | Unavailable,
) -> MadeRole:
    """The first trace of a role that was made for the driver. Raises Unavailable where one may be unseen."""
    if not isinstance(addon, Unavailable) and addon.role_arn:
        return MadeRole(arn=addon.role_arn, told_by="add-on")
    if identity.injected_role:
        return MadeRole(arn=identity.injected_role, told_by="pods")
    if isinstance(usual_role, Unavailable):
        raise usual_role
    if usual_role.lets_in(token_of(cluster, STS_AUDIENCE, service_account.subject)):
        return MadeRole(arn=usual_role.arn, told_by="trust policy")
    if isinstance(addon, Unavailable):
        raise addon
    return MadeRole()


def serves(usual: UsualRole, cluster: Cluster) -> bool:
    """Whether the role trusts the ServiceAccount that the add-on brings."""
    return usual.lets_in(token_of(cluster, STS_AUDIENCE, DEFAULT_SUBJECT))
