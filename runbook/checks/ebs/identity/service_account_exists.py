"""The ServiceAccount that the controller's pod template names."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import kubectl
from runbook.evidence.ebs.account import Addon, Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.identity import Identity, ServiceAccount
from runbook.evidence.ebs.usual_role import MadeRole
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Unavailable
from runbook.registry import check
from runbook.remedies.addon import restore
from runbook.remedies.role import annotate


@check(
    severity="critical",
    about="ServiceAccount",
    covers=["WL-19"],
    docs="https://kubernetes.io/docs/concepts/security/service-accounts/",
)
def service_account_exists(
    present_controller: Controller,
    service_account: ServiceAccount,
    identity: Identity | Unavailable | NotApplicable,
    made_role: MadeRole | Unavailable | NotApplicable,
    cluster: Cluster | Unavailable,
    addon: Addon | Unavailable,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The ServiceAccount that the controller's pods run as exists.

    Without it Kubernetes makes no new pod of the controller, and refuses the tokens of those that still
    run. A namesake that is made later does not revive them.
    """
    account, controller = service_account.resource, present_controller
    if account.exists:
        return
    steps = fix(service_account, identity, made_role, cluster, addon)
    yield Problem(
        resource=account,
        summary=f"ServiceAccount {account.path}, which controller {controller.resource.path} names, "
        "does not exist",
        brief="does not exist",
        evidence=(
            Excerpt(call=f"k8s:get deployments {controller.resource.path}", excerpt=controller.refused),
        )
        if account.name in controller.refused
        else (),
        fix=(*steps, *aftercare.restart(), *aftercare.verify()),
    )


def fix(
    account: ServiceAccount,
    identity: Identity | Unavailable | NotApplicable,
    made: MadeRole | Unavailable | NotApplicable,
    cluster: Cluster | Unavailable,
    addon: Addon | Unavailable,
) -> tuple[Fix, ...]:
    """The add-on makes it anew with its annotation; else it is made by hand, and its role named again."""
    if isinstance(cluster, Cluster) and isinstance(addon, Addon) and addon.resource.exists:
        return (restore(cluster),)
    resource = account.resource
    make = Fix(
        text="Make the ServiceAccount anew",
        command=kubectl(resource, "create", "serviceaccount", resource.name),
    )
    if isinstance(identity, Identity) and identity.mode == "pod identity":
        return (make,)
    if isinstance(made, MadeRole) and made.arn:
        return (make, annotate(account, made.arn, f"Name the role again that was made for it, {made.name}"))
    text = "If it named a role, name it again: put the role's ARN in place of ROLE_ARN"
    return (make, annotate(account, "ROLE_ARN", text))
