"""No controller of the driver in the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs import DRIVER
from runbook.evidence.ebs.account import ADDON, Addon, Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.usual_role import DEFAULT_SUBJECT, UsualRole, serves
from runbook.model import Fix, NotApplicable, Problem, Unavailable
from runbook.registry import check
from runbook.remedies.addon import install, restore
from runbook.remedies.role import make, new_name, role_arn


@check(
    severity="critical",
    about="Deployment",
    covers=["EBS-C01"],
    after=["ebs.controller.addon_manageable"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
)
def installed(
    controller: Controller,
    unserved_claims: tuple[Claim, ...],
    cluster: Cluster | Unavailable,
    addon: Addon | Unavailable,
    usual_role: UsualRole | Unavailable | NotApplicable,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The driver's controller is installed.

    It creates, attaches and resizes every volume; Kubernetes only waits for it. EKS Auto Mode has a
    controller of its own outside the cluster, which does not serve ebs.csi.aws.com.
    """
    resource = controller.resource
    if resource.exists:
        return
    if not unserved_claims:
        if isinstance(cluster, Unavailable):
            raise cluster
        if cluster.auto_mode_storage:
            raise NotApplicable(
                "EKS Auto Mode provides block storage here, by a controller outside the cluster"
            )
    auto_mode = isinstance(cluster, Cluster) and cluster.auto_mode_storage
    yield Problem(
        resource=resource,
        summary=f"there is no Deployment {resource.path}"
        + _besides(unserved_claims if auto_mode else (), addon),
        brief="is not installed",
        fix=fix(cluster, addon, usual_role, aftercare),
    )


def _besides(not_served: tuple[Claim, ...], addon: Addon | Unavailable) -> str:
    """What makes the absence more than that."""
    if not_served:
        claim = not_served[0].resource.path
        return f", and EKS Auto Mode does not serve claim {claim}, which waits for {DRIVER}"
    if isinstance(addon, Unavailable):
        return " and no other of the driver"
    if addon.resource.exists:
        return f", although add-on {ADDON} is installed ({addon.status})"
    return f" and no other of the driver: {ADDON} is not installed"


def fix(
    cluster: Cluster | Unavailable,
    addon: Addon | Unavailable,
    usual: UsualRole | Unavailable | NotApplicable,
    aftercare: Aftercare,
) -> tuple[Fix, ...]:
    """Put back what the add-on made, or install it."""
    if isinstance(cluster, Unavailable):
        return (Fix(text=f"Install add-on {ADDON}"), *aftercare.verify())
    if not isinstance(addon, Unavailable) and addon.resource.exists:
        return (restore(cluster), *aftercare.verify())
    return (*_install(cluster, usual), *aftercare.verify())


def _install(cluster: Cluster, usual: UsualRole | Unavailable | NotApplicable) -> tuple[Fix, ...]:
    if isinstance(usual, UsualRole) and serves(usual, cluster):
        return (install(cluster, usual.arn),)
    name = new_name(cluster, usual)
    return (*make(cluster, DEFAULT_SUBJECT, name), install(cluster, role_arn(cluster, name)))
