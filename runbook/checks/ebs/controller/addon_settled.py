"""What EKS says of the add-on's health."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from runbook.evidence.ebs.account import ADDON, Addon, Cluster
from runbook.evidence.ebs.driver import Controller
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Unavailable
from runbook.registry import check
from runbook.remedies.addon import look
from runbook.wording import clause, span

_FAILED = ("DEGRADED", "CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED")
_UNDER_WAY = ("CREATING", "UPDATING", "DELETING")
_TOO_LONG = timedelta(minutes=20)


@check(
    severity="medium",
    kind="symptom",
    about="Addon",
    covers=["EBS-C09"],
    after=[
        "ebs.controller.ready",
        "ebs.controller.rolling",
        "ebs.controller.addon_manageable",
        "ebs.controller.installed",
    ],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html",
)
def addon_settled(
    addon: Addon, controller: Controller | Unavailable, cluster: Cluster, now: datetime
) -> Iterator[Problem]:
    """EKS sees the driver's add-on in order.

    EKS calls an add-on degraded when its pods do not become ready, and failed when it could not
    install or update it. ACTIVE only means that its pods were ready at some time.
    """
    if not addon.resource.exists:
        raise NotApplicable(f"the driver is not installed as add-on {ADDON}")
    if addon.status not in (*_FAILED, *_UNDER_WAY) and not addon.issues:
        return
    if isinstance(controller, Controller) and controller.whole and not controller.stuck:
        raise NotApplicable(
            f"EKS calls add-on {ADDON} {addon.status}, while all replicas of the controller are ready"
        )
    since = ""
    if addon.status in _UNDER_WAY:
        if addon.changed is None:
            raise Unavailable(f"add-on {ADDON} is {addon.status}, and EKS does not say since when")
        if now - addon.changed < _TOO_LONG:
            raise Unavailable(
                f"{addon.status} of add-on {ADDON} began {span(addon.changed, now)} ago; too early to tell"
            )
        since = f" for {span(addon.changed, now)}"
    told = "; ".join(f"{code}: {clause(message)}" for code, message in addon.issues)
    yield Problem(
        resource=addon.resource,
        summary=f"add-on {ADDON} is {addon.status}{since}" + (f": {told}" if told else ""),
        brief=f"{addon.status}{since}" + (f", {addon.issues[0][0]}" if addon.issues else ""),
        evidence=tuple(
            Excerpt(call=f"eks:DescribeAddon addonName={ADDON}", excerpt=f"{code}: {message}")
            for code, message in addon.issues
        ),
        fix=fix(cluster),
    )


def fix(cluster: Cluster) -> tuple[Fix, ...]:
    """The add-on follows its pods; its status is what shows success."""
    return (
        Fix(
            text="The add-on follows its pods: mend these, then it says ACTIVE",
            command=look(cluster, "addon.[status,health]"),
            verifies=True,
        ),
    )
