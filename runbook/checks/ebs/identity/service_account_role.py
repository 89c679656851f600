"""A role was made for the driver, and its ServiceAccount does not name it."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.account import ADDON, Addon, Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.callers import Caller, as_node, unread
from runbook.evidence.ebs.identity import ROLE_ANNOTATION, Identity, ServiceAccount
from runbook.evidence.ebs.node_role import NodeRole
from runbook.evidence.ebs.usual_role import MadeRole
from runbook.model import Fix, NotApplicable, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.remedies.role import annotate, give

_TOLD = {
    "add-on": f"although add-on {ADDON} is configured with role {{}}",
    "pods": "although its running pods still carry role {}, which they lose when they are made anew",
    "trust policy": "although role {} was made for it",
}


@check(
    severity="critical",
    about="ServiceAccount",
    covers=["EBS-I02"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
)
def service_account_role(
    identity: Identity,
    service_account: ServiceAccount,
    made_role: MadeRole | NotApplicable,
    node_roles: Seen[NodeRole] | Unavailable | NotApplicable,
    cluster: Cluster,
    addon: Addon | Unavailable,
    callers: tuple[Caller, ...],
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The driver's ServiceAccount names the role that was made for it.

    Without the annotation eks.amazonaws.com/role-arn the controller's pods are given no token for
    AWS, and the driver works with whatever the node's role allows.
    """
    if identity.mode == "web identity":
        return
    if isinstance(made_role, NotApplicable):
        raise made_role
    if not made_role.told_by:
        raise NotApplicable("no role that was made for the driver is seen")
    if not service_account.resource.exists:
        raise NotApplicable(f"ServiceAccount {service_account.resource.path} does not exist")
    if isinstance(node_roles, Seen) and node_roles.items and all(role.suffices for role in node_roles):
        raise NotApplicable("the role of the driver's nodes suffices")
    # An add-on or a pod that has a role shows that no keys are meant.
    guessed = made_role.told_by == "trust policy" and identity.optional_secret
    if guessed and not as_node(callers, node_roles if isinstance(node_roles, Seen) else ()):
        raise unread(identity)
    path, why = service_account.resource.path, _TOLD[made_role.told_by].format(made_role.name)
    yield Problem(
        resource=service_account.resource,
        summary=f"ServiceAccount {path} names no IAM role, {why}",
        brief=f"lacks the annotation {ROLE_ANNOTATION}",
        fix=fix(service_account, made_role, cluster, addon, aftercare),
    )


def fix(
    account: ServiceAccount,
    role: MadeRole,
    cluster: Cluster,
    addon: Addon | Unavailable,
    aftercare: Aftercare,
) -> tuple[Fix, ...]:
    """Put the annotation back as the add-on wants it, else have it named where that lasts."""
    if role.told_by == "add-on":
        name = annotate(account, role.arn, "Put the annotation back")
    else:
        name = give(account, role.arn, cluster, addon)
    return (name, *aftercare.restart(), *aftercare.verify())
