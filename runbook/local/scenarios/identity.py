"""Faults of the driver's identity in AWS: of the trust between its ServiceAccount and its role."""

from __future__ import annotations

from runbook.local.account import (
    ACCOUNT,
    DRIVER_ROLE,
    ISSUER,
    trust_policy,
)
from runbook.local.breaking import (
    NOT_AUTHORIZED,
    REQUEST,
    provisioning_refused,
    web_identity_refused,
)
from runbook.local.healthy import CONTROLLER_PODS, SYSTEM
from runbook.local.scenarios import scenario
from runbook.local.world import World

#: What a current driver without credentials shows, whatever the cause.
DRIVER_DOWN = (
    "ebs.controller.health_check",
    "ebs.controller.ready",
    "ebs.provisioning.bound",
    "ebs.target.ready",
)


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_audience"], consequences=DRIVER_DOWN)
def wrong_audience(world: World) -> None:
    """The driver's role trusts audience www.sts.amazonaws.com (the seed story, current driver)."""
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(
        audience="www.sts.amazonaws.com"
    )
    web_identity_refused(world)


@scenario(
    verdict="faulty",
    causes=["ebs.identity.web_identity_audience"],
    consequences=["ebs.provisioning.bound", "ebs.target.ready"],
)
def wrong_audience_older_driver(world: World) -> None:
    """The same fault as a driver before v1.49 shows it: ProvisioningFailed on the claim."""
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(
        audience="www.sts.amazonaws.com"
    )
    provisioning_refused(
        world,
        'rpc error: code = Internal desc = Could not create volume "pvc-5f0c1b8e-7d2a-4c63-9a51-0b6f1d2e3c4a": could not '
        "create volume in EC2: operation error EC2: CreateVolume, get identity: get credentials: failed to refresh cached "
        f"credentials, failed to retrieve credentials, operation error STS: AssumeRoleWithWebIdentity, {NOT_AUTHORIZED}",
    )


_OLD_ISSUER = ISSUER.replace("EXAMPLED539D4633E53DE1B71EXAMPLE", "EXAMPLE0A1B2C3D4E5F60718EXAMPLE")
_NO_PROVIDER = (
    f"https response error StatusCode: 400, RequestID: {REQUEST}, InvalidIdentityToken: "
    f"No OpenIDConnect provider found in your account for https://{ISSUER}"
)


def _trust(world: World, policy: object) -> None:
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = policy


def _annotate(world: World, arn: str) -> None:
    account = world.get("ServiceAccount", "ebs-csi-controller-sa", SYSTEM)
    account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] = arn
    for name in CONTROLLER_PODS:
        for one in world.get("Pod", name, SYSTEM)["spec"]["containers"]:
            for variable in one.get("env", ()):
                if variable["name"] == "AWS_ROLE_ARN":
                    variable["value"] = arn


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_subject"], consequences=DRIVER_DOWN)
def wrong_subject(world: World) -> None:
    """The driver's role trusts a ServiceAccount of another name."""
    _trust(world, trust_policy(subject="system:serviceaccount:kube-system:ebs-csi-controller"))
    web_identity_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_subject"], consequences=DRIVER_DOWN)
def wildcard_subject(world: World) -> None:
    """The subject has a wildcard, but stands under StringEquals."""
    _trust(world, trust_policy(subject="system:serviceaccount:kube-system:ebs-csi-*"))
    web_identity_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_subject"], consequences=DRIVER_DOWN)
def cluster_made_anew(world: World) -> None:
    """The cluster was made anew, and the role still trusts the identity provider of the old one."""
    policy = trust_policy()
    (statement,) = policy["Statement"]
    statement["Principal"] = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_OLD_ISSUER}"}
    equals = statement["Condition"]["StringEquals"]
    statement["Condition"]["StringEquals"] = {k.replace(ISSUER, _OLD_ISSUER): v for k, v in equals.items()}
    _trust(world, policy)
    web_identity_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.oidc_provider_exists"], consequences=DRIVER_DOWN)
def no_identity_provider(world: World) -> None:
    """IAM has no identity provider for the cluster."""
    del world.aws["openIDConnectProviders"][ISSUER]
    web_identity_refused(world, _NO_PROVIDER)


@scenario(verdict="faulty", causes=["ebs.identity.oidc_provider_audience"], consequences=DRIVER_DOWN)
def provider_without_sts(world: World) -> None:
    """The identity provider in IAM does not list STS as audience."""
    world.aws["openIDConnectProviders"][ISSUER]["ClientIDList"] = ["kubernetes"]
    web_identity_refused(
        world,
        f"https response error StatusCode: 400, RequestID: {REQUEST}, InvalidIdentityToken: Incorrect token audience",
    )


@scenario(
    verdict="faulty",
    causes=["ebs.identity.oidc_provider_exists", "ebs.identity.web_identity_subject"],
    consequences=DRIVER_DOWN,
)
def wrong_subject_and_no_provider(world: World) -> None:
    """Two independent faults: no identity provider, and a role that trusts another ServiceAccount."""
    del world.aws["openIDConnectProviders"][ISSUER]
    _trust(world, trust_policy(subject="system:serviceaccount:default:ebs-csi-controller-sa"))
    web_identity_refused(world, _NO_PROVIDER)


@scenario(verdict="faulty", causes=["ebs.identity.role_exists"], consequences=DRIVER_DOWN)
def role_deleted(world: World) -> None:
    """The driver's role was deleted."""
    del world.aws["roles"][DRIVER_ROLE]
    web_identity_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.role_exists"], consequences=DRIVER_DOWN)
def malformed_role_arn(world: World) -> None:
    """The annotation holds a role's name, not its ARN."""
    _annotate(world, DRIVER_ROLE)
    web_identity_refused(
        world,
        f"https response error StatusCode: 400, RequestID: {REQUEST}, api error ValidationError: Request ARN is invalid",
    )


@scenario(verdict="healthy")
def role_of_another_account(world: World) -> None:
    """The driver's role belongs to another account, which cannot be seen and is no fault."""
    _annotate(world, "arn:aws:iam::444455556666:role/shared/ebs-csi")
    del world.aws["roles"][DRIVER_ROLE], world.aws["openIDConnectProviders"][ISSUER]


@scenario(verdict="healthy")
def role_shared_by_clusters(world: World) -> None:
    """The role trusts two clusters in two statements, one of them this one's."""
    policy, other = trust_policy(), trust_policy()
    (statement,) = other["Statement"]
    statement["Principal"] = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_OLD_ISSUER}"}
    _trust(world, {**policy, "Statement": [statement, *policy["Statement"]]})


@scenario(verdict="inconclusive", consequences=DRIVER_DOWN)
def trust_policy_of_an_odd_form(world: World) -> None:
    """The role's trust policy holds what IAM's grammar does not know."""
    policy = trust_policy()
    policy["Statement"][0]["Condition"] = {"StringEquals": "sts.amazonaws.com"}
    _trust(world, policy)
    web_identity_refused(world)
