"""A controller of which no replica is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import kubectl
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver import Controller
from runbook.model import Excerpt, Fix, Problem
from runbook.registry import check


@check(
    severity="critical",
    about="Deployment",
    covers=["EBS-C12"],
    docs="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment",
)
def scaled(present_controller: Controller, aftercare: Aftercare) -> Iterator[Problem]:
    """The controller is scaled to at least one replica.

    A Deployment scaled to zero is in perfect order for Kubernetes, and makes no volumes.
    """
    controller = present_controller
    if controller.replicas > 0:
        return
    yield Problem(
        resource=controller.resource,
        summary=f"controller {controller.resource.path} is scaled to 0 replicas",
        brief="scaled to 0 replicas",
        evidence=(
            Excerpt(call=f"k8s:get deployments {controller.resource.path}", excerpt="spec.replicas: 0"),
        ),
        fix=fix(controller, aftercare),
    )


def fix(controller: Controller, aftercare: Aftercare) -> tuple[Fix, ...]:
    """Two replicas are what add-on and chart install."""
    return (
        Fix(
            text="Scale it up",
            command=kubectl(
                controller.resource, "scale", "deployment", controller.resource.name, "--replicas=2"
            ),
        ),
        *aftercare.verify(),
    )
