"""The scheduler's own word about a pod that it cannot place."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, NotApplicable, Problem, Resource, Seen, Unavailable
from runbook.registry import check
from runbook.wording import clause, names


@check(
    severity="high",
    kind="symptom",
    about="Pod",
    after=[
        "ebs.provisioning", "ebs.scheduling.node_in_zone", "ebs.scheduling.volumes_in_one_zone",
        "ebs.scheduling.attachment_limit", "ebs.controller", "ebs.identity", "ebs.nodes",
    ],
    docs="https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/",
)  # fmt: skip
def scheduled(asked: Asked, claims: Seen[Claim] | Unavailable) -> Iterator[Problem]:
    """The scheduler finds a node for the pod.

    What it says names every reason for which nodes were left out. Reasons that have to do with volumes
    are looked after by the checks beside this one; others are the application's, or the cluster is full.
    """
    if not asked.pods:
        raise NotApplicable("there is no pod to place")
    # Where a claim waits for its volume on a node of the scheduler's choice, the scheduler has spoken.
    chosen = set() if isinstance(claims, Unavailable) else {c.resource for c in claims if c.selected_node}
    silent = []
    for pod in asked.pods:
        if pod.node or pod.phase != "Pending":
            continue
        path = pod.resource.path
        if pod.gates:
            yield _problem(pod, f"pod {path} waits behind its scheduling gates {names(pod.gates)}")
        elif pod.unschedulable:
            yield _problem(pod, f"the scheduler finds no node for pod {path}: {clause(pod.unschedulable)}")
        elif not chosen.intersection(_claims_of(pod)):
            silent.append(path)
    if silent:
        raise Unavailable(f"the scheduler has said nothing of pod {names(silent)}")


def _claims_of(pod: Pod) -> set[Resource]:
    kind, namespace = "PersistentVolumeClaim", pod.resource.namespace
    return {Resource(kind=kind, namespace=namespace, name=name) for name in pod.claims}


def _problem(pod: Pod, summary: str) -> Problem:
    said = Excerpt(call=f"k8s:get pods {pod.resource.path}", excerpt=pod.unschedulable)
    return Problem(
        resource=pod.resource,
        summary=summary,
        brief="waits behind its scheduling gates" if pod.gates else "the scheduler finds no node for it",
        evidence=(said,) if pod.unschedulable else (),
    )
