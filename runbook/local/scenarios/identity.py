"""Faults of the driver's identity in AWS."""

from __future__ import annotations

from runbook.local.account import DRIVER_ROLE, trust_policy
from runbook.local.breaking import NOT_AUTHORIZED, provisioning_refused, web_identity_refused
from runbook.local.scenarios import scenario
from runbook.local.world import World

#: What a current driver without credentials shows, whatever the cause.
DRIVER_DOWN = (
    "ebs.controller.health_check",
    "ebs.controller.ready",
    "ebs.controller.sidecars",
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
