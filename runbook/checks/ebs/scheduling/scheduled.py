"""The scheduler's own word about a pod that it cannot place."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.asked import Asked
from runbook.model import Excerpt, NotApplicable, Problem
from runbook.registry import check


@check(
    severity="high",
    kind="symptom",
    about="Pod",
    after=[
        "ebs.provisioning", "ebs.scheduling.node_in_zone", "ebs.scheduling.attachment_limit",
        "ebs.controller", "ebs.identity", "ebs.nodes",
    ],
    docs="https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/",
)  # fmt: skip
def scheduled(asked: Asked) -> Iterator[Problem]:
    """The scheduler finds a node for the pod.

    What it says names every reason for which nodes were left out. Reasons that have to do with volumes
    are looked after by the checks beside this one; others are the application's, or the cluster is full.
    """
    if not asked.pods:
        raise NotApplicable("there is no pod to place")
    for pod in asked.pods:
        if pod.node or not pod.unschedulable:
            continue
        yield Problem(
            resource=pod.resource,
            summary=f"the scheduler finds no node for pod {pod.resource.path}: "
            f"{pod.unschedulable.rstrip('. ')}",
            brief="the scheduler finds no node for it",
            evidence=(Excerpt(call=f"k8s:get pods {pod.resource.path}", excerpt=pod.unschedulable),),
        )
