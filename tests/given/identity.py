"""The driver's healthy identity: ServiceAccount, role, trust policy, identity provider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.evidence.ebs.driver_role import DriverRole, IdentityProvider
from runbook.evidence.ebs.identity import Identity, ServiceAccount
from runbook.evidence.ebs.node_role import NodeRole
from runbook.evidence.ebs.trust import Token
from runbook.evidence.ebs.web_identity import Trust, judged
from runbook.model import Resource
from tests.given.account import ISSUER, ROLE_ARN

PROVIDER_ARN = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
SUBJECT = "system:serviceaccount:kube-system:ebs-csi-controller-sa"
TOKEN = Token(provider_arn=PROVIDER_ARN, issuer=ISSUER, audience="sts.amazonaws.com", subject=SUBJECT)


def service_account(**changes: Any) -> ServiceAccount:
    """The ServiceAccount kube-system/ebs-csi-controller-sa, with the role's annotation."""
    resource = Resource(kind="ServiceAccount", namespace="kube-system", name="ebs-csi-controller-sa")
    return replace(ServiceAccount(resource=resource, role_arn=ROLE_ARN), **changes)


def identity(**changes: Any) -> Identity:
    """Web identity."""
    return replace(Identity(mode="web identity", injected_role=ROLE_ARN), **changes)


def no_identity(**changes: Any) -> Identity:
    """The node's role, for want of another."""
    return replace(Identity(mode="none"), **changes)


def role(**changes: Any) -> DriverRole:
    """The role, with a good trust policy."""
    resource = Resource(kind="Role", name="shop-ebs-csi", arn=ROLE_ARN)
    return replace(DriverRole(resource=resource, policy=policy()), **changes)


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A trust policy; the good one without statements given."""
    return {"Version": "2012-10-17", "Statement": [*(statements or (statement(),))]}


def statement(
    federated: str = PROVIDER_ARN,
    effect: str = "Allow",
    condition: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A statement of a trust policy."""
    good = {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": SUBJECT}}
    return {
        "Effect": effect,
        "Principal": {"Federated": federated},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": good if condition is None else condition,
    }


def trust(*statements: dict[str, Any], token: Token = TOKEN) -> Trust:
    """What STS makes of a policy of these statements."""
    return judged(role().resource, policy(*statements), token)


def provider(**changes: Any) -> IdentityProvider:
    """The cluster's identity provider in IAM."""
    resource = Resource(kind="OIDCProvider", name=ISSUER, arn=PROVIDER_ARN)
    return replace(IdentityProvider(resource=resource, audiences=("sts.amazonaws.com",)), **changes)


def node_role(**changes: Any) -> NodeRole:
    """The role of both of the controller's nodes, which suffices."""
    resource = Resource(kind="Role", name="shop-node", arn="arn:aws:iam::111122223333:role/shop-node")
    return replace(NodeRole(resource=resource, nodes=("node-a", "node-b")), **changes)
