"""What keeps EKS from installing or updating the add-on."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.account import ADDON, Addon, Cluster
from runbook.model import Excerpt, Fix, NotApplicable, Problem
from runbook.registry import check
from runbook.remedies.addon import look, restore
from runbook.wording import clause

#: By code of a health issue: what it means, and what must be done before EKS can try again.
CODES = {
    "ConfigurationConflict": (
        "another manager owns fields that EKS wants to set",
        "",
    ),
    "AccessDenied": (
        "EKS has no right to change the add-on's objects in the cluster",
        "Give EKS its rights back: the ClusterRole and ClusterRoleBinding eks:addon-manager",
    ),
    "AddonPermissionFailure": (
        "the add-on's role lacks rights in AWS",
        "Give the add-on's role what the message asks for",
    ),
    "AdmissionRequestDenied": (
        "an admission webhook, a policy or a quota refuses its objects",
        "Let the webhook or policy that the message names admit the objects of the driver's namespace",
    ),
    "K8sResourceNotFound": (
        "objects that EKS made were deleted",
        "",
    ),
}


@check(
    severity="high",
    about="Addon",
    covers=["EBS-C09"],
    docs="https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html",
)
def addon_manageable(addon: Addon, cluster: Cluster) -> Iterator[Problem]:
    """EKS is able to install and update the driver's add-on.

    EKS applies the add-on's objects itself. Where another manager, missing rights or an admission
    webhook stops it, the driver stays as it is, incomplete or old.
    """
    if not addon.resource.exists:
        raise NotApplicable(f"the driver is not installed as add-on {ADDON}")
    for code, message in addon.issues:
        if code not in CODES:
            continue
        meaning, _ = CODES[code]
        yield Problem(
            resource=addon.resource,
            summary=f"EKS cannot manage add-on {ADDON}, because {meaning}: {clause(message)}",
            brief=f"{code}: {meaning}",
            evidence=(Excerpt(call=f"eks:DescribeAddon addonName={ADDON}", excerpt=f"{code}: {message}"),),
            fix=fix(code, addon, cluster),
        )


def fix(code: str, addon: Addon, cluster: Cluster) -> tuple[Fix, ...]:
    """Clear the way, then have EKS apply its objects again."""
    _, before = CODES[code]
    steps = (Fix(text=before),) if before else ()
    return (
        *steps,
        restore(cluster, addon.version),
        Fix(text="It worked when this says ACTIVE", command=look(cluster, "addon.status"), verifies=True),
    )
