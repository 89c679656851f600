"""The driver's health check, which asks EC2 since driver v1.49."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.logs import HEALTH_CHECK, Log
from runbook.model import NotApplicable, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.wording import clause

_DRY_RUN = "dry-run EC2 API call failed: "


@check(
    severity="critical",
    kind="symptom",
    about="Deployment",
    covers=["EBS-C04"],
    after=["ebs.identity", "ebs.nodes.route_to_aws"],
    docs="https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/CHANGELOG.md",
)
def health_check(present_controller: Controller, controller_logs: Seen[Log]) -> Iterator[Problem]:
    """The controller's health check reaches EC2.

    Since v1.49 the driver's probe tries a call to EC2. Where credentials or the network fail, the
    probe fails, the sidecars exit and the kubelet restarts a process that is itself in order.
    """
    if not controller_logs.items and not controller_logs.gaps:
        raise NotApplicable("the controller has no pods")
    for log in controller_logs:
        # What a pod that is ready now wrote of earlier trouble is over.
        line = "" if log.pod.ready else log.last(HEALTH_CHECK)
        if line:
            # In klog's err="…" the quotation is quoted once more.
            said = line[line.index(HEALTH_CHECK) :].removesuffix('"').replace('\\"', '"')
            yield Problem(
                resource=present_controller.resource,
                summary="the controller's health check cannot call EC2: "
                f"{clause(said.partition(_DRY_RUN)[2] or said)}",
                brief="its health check cannot call EC2",
                evidence=(log.quote(line, said),),
            )
            return
    if any(log.container == "ebs-plugin" and log.down for log in controller_logs):
        raise Unavailable("ebs-plugin is not ready, and its log says nothing of a health check")
