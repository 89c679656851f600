"""Whether what was asked about is well, seen from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.commands import kubectl
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.chain_storage import container_of
from runbook.evidence.ebs.target import Target, Workload
from runbook.evidence.pods import Container, Pod
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Unavailable
from runbook.registry import check
from runbook.wording import clause, count, span


@check(
    severity="high",
    kind="symptom",
    about="Pod, Container, StatefulSet, Deployment",
    after=[
        "ebs.target.found", "ebs.provisioning", "ebs.controller", "ebs.identity", "ebs.scheduling",
        "ebs.nodes", "ebs.attachments",
    ],
    docs="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
)  # fmt: skip
def ready(asked: Asked, target: Target, now: datetime) -> Iterator[Problem]:
    """What was asked about is ready with its volumes.

    A pod that waits, or a workload with too few pods, is what the incident looks like from outside; the
    causes stand behind it. Once the kubelet has started a container the volumes are mounted, and what keeps
    the pod from being ready is the container's own.
    """
    for pod in asked.pods:
        if pod.ready or pod.phase == "Succeeded":
            continue
        stopped_by = None if pod.terminating else pod.stopped_by
        yield _not_for_its_volumes(pod, stopped_by) if stopped_by else _waits(pod, now)
    workload = target.workload if target.workload and target.workload.resource in target.asked else None
    if workload and workload.replicas > len(asked.pods):
        yield _lacks_pods(workload, workload.replicas - len(asked.pods))
    elif asked.named and not asked.pods:
        raise Unavailable("there is no pod to look at")
    if not asked.whole:
        raise Unavailable("the list of pods, or of their claims, was not complete")
    if not asked.named and not asked.pods:
        raise NotApplicable(asked.state)


def _not_for_its_volumes(pod: Pod, container: Container) -> Problem:
    """About the container, which does not depend on the driver as the pod does."""
    word = "init container" if container in pod.init_containers else "container"
    state = container.waiting or container.exit_reason or "runs"
    restarts = f" after {count(container.restarts, 'restart')}" if container.restarts else ""
    said = clause(container.waiting_message or container.exit_message)
    mounted = ", though its volumes are mounted" if pod.claims else ""
    words = ("-c", container.name, *(("--previous",) if container.restarts else ()))
    return Problem(
        resource=container_of(pod, container),
        summary=f"pod {pod.resource.path} is not ready{mounted}: {word} "
        f"{container.name} is not ready ({state}{restarts})" + (f": {said}" if said else ""),
        brief="keeps the pod from being ready",
        fix=(
            Fix(text="Read what it wrote", command=kubectl(pod.resource, "logs", pod.resource.name, *words)),
        ),
    )


def _waits(pod: Pod, now: datetime) -> Problem:
    why = next((c.waiting_message or c.waiting for c in pod.containers if c.waiting), "")
    why = clause(pod.unschedulable or why)
    state = f"has been {pod.phase or 'without a phase'} for {span(pod.created, now)}"
    if pod.phase == "Running":
        state = "runs and is not ready" + ("; its volumes are mounted" if pod.mounted else "")
    if pod.terminating:
        state = "is to end and has not ended"
    return Problem(
        resource=pod.resource,
        summary=f"pod {pod.resource.path} {state}" + (f": {why}" if why else ""),
        evidence=(Excerpt(call=f"k8s:get pods {pod.resource.path}", excerpt=why),) if why else (),
    )


def _lacks_pods(workload: Workload, missing: int) -> Problem:
    return Problem(
        resource=workload.resource,
        summary=f"{workload.resource.kind} {workload.resource.path} lacks {missing} of "
        f"{count(workload.replicas, 'pod')}",
        brief=f"lacks {count(missing, 'pod')}",
    )
