"""A workload that is scaled to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import kubectl
from runbook.evidence.ebs.target import Target
from runbook.model import Excerpt, Fix, NotApplicable, Problem
from runbook.registry import check


@check(
    severity="medium",
    about="StatefulSet, Deployment",
    docs="https://kubernetes.io/docs/tasks/run-application/scale-stateful-set/",
)
def wanted(target: Target) -> Iterator[Problem]:
    """The workload is meant to have pods.

    One that is scaled to 0 has no pods, and needs none: scaled down for a repair or at night, and
    forgotten since.
    """
    workload = target.workload
    if workload is None:
        raise NotApplicable("no workload is asked about")
    if workload.replicas:
        return
    kind, resource = workload.resource.kind, workload.resource
    yield Problem(
        resource=resource,
        summary=f"{kind} {resource.path} is scaled to 0",
        brief="scaled to 0",
        evidence=(Excerpt(call=f"k8s:get {kind.lower()}s {resource.path}", excerpt="spec.replicas: 0"),),
        fix=(
            Fix(
                text="Scale it up again, unless that was meant",
                command=kubectl(resource, "scale", kind.lower(), resource.name, "--replicas", "1"),
            ),
            Fix(
                text="It worked when this ends",
                command=kubectl(resource, "rollout", "status", kind.lower(), resource.name),
                verifies=True,
            ),
        ),
    )
