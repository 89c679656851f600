"""EBS-I01: a driver without identity of its own, on nodes whose role does not do."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.commands import command, kubectl
from runbook.evidence.ebs.account import ADDON, Addon, Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.identity import Identity, ServiceAccount
from runbook.evidence.ebs.node_role import NodeRole
from runbook.evidence.ebs.usual_role import MadeRole, UsualRole, make_role, new_name, role_arn
from runbook.evidence.wording import names
from runbook.model import Fix, NotApplicable, Problem, Seen, Unavailable
from runbook.registry import check


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
    thin = [role for role in node_roles if not role.suffices]
    if not thin:
        return
    if isinstance(made_role, MadeRole) and made_role.arn:
        raise NotApplicable(f"role {made_role.name} was made for it, but is not named in its ServiceAccount")
    path = service_account.resource.path
    yield Problem(
        resource=service_account.resource,
        summary=f"ServiceAccount {path} has no IAM role, and {_instead(thin[0])}",
        brief=f"no IAM role; {_instead(thin[0])}",
        facts=tuple(
            f"Role {role.resource.name} of {names(role.nodes)} does not allow {names(role.denied, 10)}."
            for role in thin
            if role.resource
        ),
        fix=fix(service_account, usual_role, cluster, addon, aftercare),
    )


def _instead(role: NodeRole) -> str:
    if role.resource is None:
        return f"node {role.nodes[0]} has none either"
    return f"the node's role {role.resource.name} does not allow {names(role.denied, 2)}"


def fix(
    account: ServiceAccount,
    usual: UsualRole | Unavailable | NotApplicable,
    cluster: Cluster,
    addon: Addon | Unavailable,
    aftercare: Aftercare,
) -> tuple[Fix, ...]:
    """Make a role, give it to the ServiceAccount, start the controller anew."""
    name = new_name(cluster, usual)
    arn = role_arn(cluster, name)
    return (
        *make_role(cluster, account.subject, name),
        give_role(account, arn, cluster, addon),
        *aftercare.restart(),
        *aftercare.verify(),
    )


def give_role(account: ServiceAccount, arn: str, cluster: Cluster, addon: Addon | Unavailable) -> Fix:
    """By the add-on where there is one, because its next update would undo any other way."""
    if not isinstance(addon, Unavailable) and addon.resource.exists:
        return Fix(
            text="Have the add-on name this role in its ServiceAccount",
            command=command(
                "aws", "eks", "update-addon", "--region", cluster.region, "--cluster-name", cluster.name,
                "--addon-name", ADDON, "--service-account-role-arn", arn, "--resolve-conflicts", "PRESERVE",
            ),
        )  # fmt: skip
    return Fix(
        text="Name this role in the ServiceAccount",
        command=kubectl(
            account.resource, "annotate", "serviceaccount", account.resource.name,
            f"eks.amazonaws.com/role-arn={arn}", "--overwrite",
        ),
    )  # fmt: skip
