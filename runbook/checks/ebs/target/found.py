"""Whether what was asked about is there at all."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import command, kubectl
from runbook.evidence.ebs.target import Target, absence
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Resource
from runbook.registry import check
from runbook.wording import count, names

_PLURALS = {
    "Namespace": "namespaces",
    "StatefulSet": "statefulsets",
    "Deployment": "deployments",
    "Pod": "pods",
}


@check(
    severity="high",
    kind="symptom",
    about="Pod, Namespace, StatefulSet, Deployment",
    after=["ebs.scheduling.admitted", "ebs.target.wanted"],
    docs="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
)
def found(target: Target) -> Iterator[Problem]:
    """What was asked about exists.

    Pods come and go in the middle of an incident. One that is gone is judged through what still speaks
    of it: the workload that makes it, its claims, and the events about it.
    """
    if not target.asked and not target.pods:
        raise NotApplicable("nothing was named, and no pod waits")
    for missing in target.missing:
        tail = _maker(target)
        alike = f" (near: {names(target.near)})" if target.near else ""
        yield Problem(
            resource=missing,
            summary=f"{absence(missing)}{alike}{f'; {tail}' if tail else ''}",
            brief=tail,
            facts=tuple(f"There is {name}" for name in target.near),
            evidence=tuple(
                Excerpt(call=f"event of pod {missing.path}", excerpt=f"{e.reason}: {e.message}", at=e.at)
                for e in target.events[:3]
            ),
            fix=fix(missing),
        )


def _maker(target: Target) -> str:
    """What the workload that makes it looks like."""
    if target.workload is None:
        return ""
    workload, made = target.workload, f"{target.workload.resource.kind} {target.workload.resource.name}"
    if not workload.replicas:
        return f"the {made} that makes it is scaled to 0"
    return f"the {made} that makes it has {workload.made} of {count(workload.replicas, 'pod')}"


def fix(missing: Resource) -> tuple[Fix, ...]:
    """See what there is instead."""
    plural = _PLURALS[missing.kind]
    if missing.kind == "Namespace":
        return (Fix(text="See which there are, and ask again", command=command("kubectl", "get", plural)),)
    return (Fix(text="See which there are, and ask again", command=kubectl(missing, "get", plural)),)
