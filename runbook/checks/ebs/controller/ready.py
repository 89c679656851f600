"""The controller Deployment without a ready replica."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import kubectl
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Unavailable
from runbook.registry import check
from runbook.wording import clause, names


@check(
    severity="critical",
    kind="symptom",
    about="Deployment",
    covers=["EBS-C02"],
    after=[
        "ebs.controller.addon_manageable",
        "ebs.controller.health_check",
        "ebs.controller.metadata",
        "ebs.controller.sidecars",
        "ebs.identity",
        "ebs.nodes.instance_running",
        "ebs.nodes.node_ready",
        "ebs.nodes.route_to_aws",
    ],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
)
def ready(
    present_controller: Controller, controller_pods: tuple[Pod, ...] | Unavailable
) -> Iterator[Problem]:
    """The controller has a ready replica.

    Without one nothing is provisioned, attached, resized or snapshotted; what is mounted stays mounted.
    """
    controller = present_controller
    if controller.replicas == 0:
        raise NotApplicable(f"{controller.resource.path} is scaled to 0 replicas")
    if controller.ready > 0:
        return
    pods = () if isinstance(controller_pods, Unavailable) else controller_pods
    states = sorted({_state(pod) for pod in pods})
    if isinstance(controller_pods, Unavailable):
        states = ["its pods could not be read"]
    yield Problem(
        resource=controller.resource,
        summary=f"controller {controller.resource.path} has 0 of {controller.replicas} replicas ready"
        + (f" ({names(states)})" if states else _no_pods(controller)),
        brief=f"0 of {controller.replicas} ready",
        evidence=tuple(
            Excerpt(call=f"k8s:list pods {pod.resource.path}", excerpt=_state(pod)) for pod in pods
        ),
        fix=(
            Fix(
                text="See why its pods are not ready",
                command=kubectl(controller.resource, "describe", "pod", "-l", controller.selector),
            ),
        ),
    )


def _no_pods(controller: Controller) -> str:
    return " and no pods at all" + (f": {clause(controller.refused)}" if controller.refused else "")


def _state(pod: Pod) -> str:
    told = [f"{c.name} {c.waiting or c.exit_reason or 'not ready'}" for c in pod.containers if not c.ready]
    return clause(", ".join(told) or pod.unschedulable or pod.phase)
