"""A driver without identity of its own, on nodes whose role does not do."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.account import Addon, Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.callers import Caller, as_node, unread
from runbook.evidence.ebs.identity import Identity, ServiceAccount
from runbook.evidence.ebs.node_role import NodeRole
from runbook.evidence.ebs.usual_role import MadeRole, UsualRole
from runbook.model import Fix, NotApplicable, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.remedies import role
from runbook.wording import names


@check(
    severity="critical",
    about="ServiceAccount",
    covers=["EBS-I01"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
)
def own_identity(
    identity: Identity,
    service_account: ServiceAccount,
    node_roles: Seen[NodeRole] | NotApplicable,
    made_role: MadeRole | Unavailable | NotApplicable,
    usual_role: UsualRole | Unavailable | NotApplicable,
    cluster: Cluster,
    addon: Addon | Unavailable,
    callers: tuple[Caller, ...],
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The driver has an identity of its own in AWS, or nodes whose role suffices.

    A controller that is given no role works with that of its node. The usual node role may pull images
    and join the cluster, but neither create nor attach volumes.
    """
    if identity.mode != "none" or isinstance(node_roles, NotApplicable):
        return
    if not service_account.resource.exists:
        raise NotApplicable(f"ServiceAccount {service_account.resource.path} does not exist")
    thin = [one for one in node_roles if not one.suffices]
    if not thin:
        return
    if isinstance(made_role, MadeRole) and made_role.arn:
        raise NotApplicable(f"role {made_role.name} was made for it, but is not named in its ServiceAccount")
    told = as_node(callers, thin)
    if identity.optional_secret and not told:
        raise unread(identity)
    path = service_account.resource.path
    yield Problem(
        resource=service_account.resource,
        summary=f"ServiceAccount {path} has no IAM role, and {_instead(thin[0])}",
        brief=f"no IAM role; {_instead(thin[0])}",
        facts=tuple(
            f"Role {one.resource.name} of {names(one.nodes)} does not allow {names(one.denied, 10)}."
            for one in thin
            if one.resource
        ),
        evidence=tuple(caller.quote for caller in told[:1]),
        fix=fix(service_account, usual_role, cluster, addon, aftercare),
    )


def _instead(thin: NodeRole) -> str:
    if thin.resource is None:
        return f"node {thin.nodes[0]} has none either"
    return f"the node's role {thin.resource.name} does not allow {names(thin.denied, 2)}"


def fix(
    account: ServiceAccount,
    usual: UsualRole | Unavailable | NotApplicable,
    cluster: Cluster,
    addon: Addon | Unavailable,
    aftercare: Aftercare,
) -> tuple[Fix, ...]:
    """Make a role, give it to the ServiceAccount, start the controller anew."""
    name = role.new_name(cluster, usual)
    return (
        *role.make(cluster, account.subject, name),
        role.give(account, role.role_arn(cluster, name), cluster, addon),
        *aftercare.restart(),
        *aftercare.verify(),
    )
