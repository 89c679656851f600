"""What was asked about, seen from outside: is it well?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.evidence.ebs.asked import Asked
from runbook.evidence.wording import span
from runbook.model import Excerpt, Problem, Unavailable
from runbook.registry import check


@check(
    severity="high",
    kind="symptom",
    about="Pod",
    after=[
        "ebs.target", "ebs.provisioning", "ebs.controller", "ebs.identity", "ebs.scheduling", "ebs.nodes",
        "ebs.attachments",
    ],
    docs="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
)  # fmt: skip
def ready(asked: Asked, now: datetime) -> Iterator[Problem]:
    """What was asked about is ready with its volumes.

    A pod that waits is what the incident looks like from outside; the causes stand behind it.
    """
    for pod in asked.pods:
        if pod.ready or pod.phase == "Succeeded":
            continue
        why = pod.unschedulable or next(
            (c.waiting_message or c.waiting for c in pod.containers if c.waiting), ""
        )
        yield Problem(
            resource=pod.resource,
            summary=f"pod {pod.resource.path} has been {pod.phase or 'without a phase'} for {span(pod.created, now)}"
            + (f": {why}" if why else ""),
            evidence=(Excerpt(call=f"k8s:get pods {pod.resource.path}", excerpt=why),) if why else (),
        )
    if not asked.whole:
        raise Unavailable("the list of pods, or of their claims, was not complete")
    if asked.named and not asked.pods:
        raise Unavailable("there is no pod to look at")
