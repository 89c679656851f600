"""Whether what was asked about is well, seen from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.target import Target, Workload
from runbook.evidence.objects import Pod
from runbook.evidence.wording import count, span
from runbook.model import Excerpt, NotApplicable, Problem, Unavailable
from runbook.registry import check


@check(
    severity="high",
    kind="symptom",
    about="Pod, StatefulSet, Deployment",
    after=[
        "ebs.target.found", "ebs.provisioning", "ebs.controller", "ebs.identity", "ebs.scheduling",
        "ebs.nodes", "ebs.attachments",
    ],
    docs="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
)  # fmt: skip
def ready(asked: Asked, target: Target, now: datetime) -> Iterator[Problem]:
    """What was asked about is ready with its volumes.

    A pod that waits, or a workload with too few pods, is what the incident looks like from outside; the
    causes stand behind it.
    """
    for pod in asked.pods:
        if not pod.ready and pod.phase != "Succeeded":
            yield _waits(pod, now)
    workload = target.workload if target.workload and target.workload.resource in target.asked else None
    if workload and workload.replicas > len(asked.pods):
        yield _lacks_pods(workload, workload.replicas - len(asked.pods))
    elif asked.named and not asked.pods:
        raise Unavailable("there is no pod to look at")
    if not asked.whole:
        raise Unavailable("the list of pods, or of their claims, was not complete")
    if not asked.named and not asked.pods:
        raise NotApplicable(asked.state)


def _waits(pod: Pod, now: datetime) -> Problem:
    why = pod.unschedulable or next((c.waiting_message or c.waiting for c in pod.containers if c.waiting), "")
    why = why.rstrip(". ")
    state = f"has been {pod.phase or 'without a phase'} for {span(pod.created, now)}"
    if pod.phase == "Running":
        state = "runs and is not ready"
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
