"""A new version or a replica of the controller that does not come up."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import kubectl
from runbook.evidence.ebs.driver import Controller
from runbook.model import Excerpt, Fix, Problem
from runbook.registry import check
from runbook.wording import clause


@check(
    severity="medium",
    kind="symptom",
    about="Deployment",
    covers=["EBS-C12"],
    after=["ebs.controller.ready"],
    docs="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status",
)
def rolling(present_controller: Controller) -> Iterator[Problem]:
    """The controller's Deployment makes progress.

    A rollout that does not end leaves the controller on its old version, or with fewer replicas than
    wanted, so that the next disturbance stops it.
    """
    controller = present_controller
    if not controller.stuck:
        return
    yield Problem(
        resource=controller.resource,
        summary=f"controller {controller.resource.path} does not roll out: {clause(controller.stuck)}",
        brief="does not roll out",
        facts=("The Deployment is paused, so that no remedy reaches its pods before it is resumed.",)
        if controller.paused
        else (),
        evidence=(Excerpt(call=f"k8s:get deployments {controller.resource.path}", excerpt=controller.stuck),),
        fix=fix(controller),
    )


def fix(controller: Controller) -> tuple[Fix, ...]:
    """Resume it where it is paused; else see what keeps the pods."""
    resource = controller.resource
    if controller.paused:
        command = kubectl(resource, "rollout", "resume", "deployment", resource.name)
        return (Fix(text="Resume the rollout", command=command),)
    command = kubectl(resource, "describe", "replicaset,pod", "-l", controller.selector)
    return (Fix(text="See what keeps its new pods", command=command),)
