"""What the controller's pods were given to call AWS with, as against what is configured."""

from __future__ import annotations

from runbook.local.account import DRIVER_ROLE, role_arn
from runbook.local.breaking import node_role_refused, without_identity
from runbook.local.healthy import SYSTEM, give_env
from runbook.local.scenarios import scenario
from runbook.local.scenarios.driver_role import associate
from runbook.local.scenarios.identity import DRIVER_DOWN
from runbook.local.world import World


@scenario(verdict="faulty", causes=["ebs.identity.pods_up_to_date"], consequences=DRIVER_DOWN)
def annotated_after_the_pods(world: World) -> None:
    """The annotation is right, but the controller's pods are older and work with their node's role."""
    give_env(world, {})
    node_role_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.pods_up_to_date"], consequences=DRIVER_DOWN)
def associated_after_the_pods(world: World) -> None:
    """The association with the role is right, but the controller's pods are older than it."""
    associate(world)
    give_env(world, {})
    node_role_refused(world)


@scenario(verdict="healthy")
def access_keys_in_the_optional_secret(world: World) -> None:
    """The driver has no role, and works: with the access keys of a Secret that nobody reads."""
    without_identity(world)
    del world.aws["roles"][DRIVER_ROLE]


@scenario(verdict="healthy")
def annotation_left_beside_pod_identity(world: World) -> None:
    """The pods have their role by EKS Pod Identity; an annotation names one that is long gone."""
    associate(world)
    account = world.get("ServiceAccount", "ebs-csi-controller-sa", SYSTEM)
    account["metadata"]["annotations"] = {"eks.amazonaws.com/role-arn": role_arn("shop-ebs-csi-old")}
