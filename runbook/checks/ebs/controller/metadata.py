"""A controller that does not learn its Region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runbook.evidence.ebs.account import Addon, Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.logs import HEALTH_CHECK, NO_METADATA, NO_METADATA_SOURCE, Log
from runbook.model import Fix, NotApplicable, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.remedies.addon import configure


@check(
    severity="critical",
    about="Deployment",
    covers=["EBS-C03"],
    docs="https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md",
)
def metadata(
    present_controller: Controller,
    controller_logs: Seen[Log],
    cluster: Cluster | Unavailable,
    addon: Addon | Unavailable,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The controller learns in which Region it runs.

    It asks the instance metadata service, then the Kubernetes API. Where neither answers it ends at
    once, and the sidecars with it.
    """
    if not controller_logs.items and not controller_logs.gaps:
        raise NotApplicable("the controller has no pods")
    down = [log for log in controller_logs if log.container == "ebs-plugin" and log.down]
    found = _last_words(down)
    if found is None and down and not any(log.last(HEALTH_CHECK) for log in controller_logs):
        raise Unavailable("ebs-plugin is not ready, and its log does not tell why")
    if found is None:
        return
    log, line = found
    yield Problem(
        resource=present_controller.resource,
        summary=f"controller {present_controller.resource.path} ends because it cannot read the metadata "
        "of its node",
        brief="cannot read the metadata of its node",
        evidence=(log.quote(line),),
        fix=fix(cluster, addon, aftercare),
    )


def _last_words(logs: Iterable[Log]) -> tuple[Log, str] | None:
    """Where the driver gave up, or died of its only source without having come as far as its health check."""
    read = [*logs]
    for log in read:
        if line := log.last(*NO_METADATA):
            return log, line
    if any(log.last(HEALTH_CHECK) for log in read):
        return None
    return next(((log, line) for log in read if (line := log.last(*NO_METADATA_SOURCE))), None)


def fix(cluster: Cluster | Unavailable, addon: Addon | Unavailable, aftercare: Aftercare) -> tuple[Fix, ...]:
    """Tell it the Region, so that it need not ask."""
    region = "REGION" if isinstance(cluster, Unavailable) else cluster.region
    if isinstance(cluster, Cluster) and isinstance(addon, Addon) and addon.resource.exists:
        values = {"controller": {"region": region}}
        tell = configure(cluster, "Tell the driver its Region", values)
    else:
        tell = (Fix(text=f"Tell the driver its Region: value controller.region={region} of its Helm chart"),)
    return (*tell, *aftercare.verify())
