"""The workload's pods, or their claims, are not let into the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import kubectl
from runbook.evidence.ebs.admission import Quota, Refusal
from runbook.model import Excerpt, Fix, Problem, Resource, Seen, Unavailable
from runbook.registry import check
from runbook.wording import clause, names

_ADAPT = "Adapt the pods to the policy that the message names"
_SECURE = (
    "Mend what the message lists in the pod's securityContext, or lower the level in the namespace's label "
    "pod-security.kubernetes.io/enforce"
)
_LIMITS = "Set what the message lists in every container, or give the namespace a LimitRange with defaults"
#: By its words who refuses, and what to do then.
_OTHERS = (
    ("violates PodSecurity", "the namespace's Pod Security level", _SECURE),
    ("admission webhook", "an admission webhook", _ADAPT),
    ("ValidatingAdmissionPolicy", "an admission policy", _ADAPT),
    ("error looking up service account", "a missing ServiceAccount", "Create it, or name another"),
    ("no PriorityClass with name", "a missing PriorityClass", "Create it, or name another"),
    ("failed quota", "a quota that wants requests or limits in every container", _LIMITS),
    (" usage per ", "a LimitRange of the namespace", "Ask for what it allows, or change it"),
)


@check(
    severity="high",
    about="ResourceQuota, StatefulSet, Deployment",
    covers=["WL-17", "WL-18", "WL-19", "EBS-PVC05"],
    docs="https://kubernetes.io/docs/concepts/policy/resource-quotas/",
)
def admitted(refusals: Seen[Refusal]) -> Iterator[Problem]:
    """The workload's pods and claims are let into the cluster.

    Quotas, Pod Security and admission policies refuse an object before it exists, so that there is no
    pod whose state could tell it: only the controller that tries to make it says so.
    """
    for refusal in refusals:
        quota = refusal.quota
        if quota is None:
            yield _refused(refusal)
        elif quota.short:
            yield _exhausted(refusal, quota)
        else:
            raise Unavailable(
                f"it lacks pods, but ResourceQuota {quota.resource.path} no longer refuses them"
            )


def _exhausted(refusal: Refusal, quota: Quota) -> Problem:
    left = names(
        f"{quota.used.get(name, '0')} of {quota.hard[name]} {name} used, {quota.requested[name]} more wanted"
        for name in quota.short
    )
    what = "claims" if "create Claim" in refusal.event.message else "pods"
    return Problem(
        resource=quota.resource,
        summary=f"ResourceQuota {quota.resource.path} lets no more {what} of "
        f"{_label(refusal.workload)} in: {left}",
        brief=f"exhausted: {left}",
        evidence=(_quote(refusal),),
        fix=fix(refusal.workload, quota),
    )


def fix(workload: Resource, quota: Quota) -> tuple[Fix, ...]:
    """See who uses it up, raise it, and see the pods come."""
    key = quota.short[0]
    return (
        Fix(
            text="See what the quota counts, and free some of it",
            command=kubectl(quota.resource, "describe", "resourcequota", quota.resource.name),
        ),
        Fix(
            text=f"Or raise it (a number above {quota.hard[key]} for NEW_LIMIT); the controller tries "
            "again by itself, with growing pauses",
            command=kubectl(
                quota.resource, "patch", "resourcequota", quota.resource.name,
                "--type", "merge", "-p", f'{{"spec":{{"hard":{{"{key}":"NEW_LIMIT"}}}}}}',
            ),
        ),
        _verify(workload),
    )  # fmt: skip


def _refused(refusal: Refusal) -> Problem:
    said = refusal.event.message
    who, remedy = next(
        ((who, remedy) for words, who, remedy in _OTHERS if words in said),
        ("the API server", "Mend what the message names"),
    )
    return Problem(
        resource=refusal.workload,
        summary=f"{who} keeps the pods of {_label(refusal.workload)} out: {clause(said)}",
        brief=f"{who} keeps its pods out",
        evidence=(_quote(refusal),),
        fix=(
            Fix(
                text=remedy,
                command=kubectl(
                    refusal.workload, "edit", refusal.workload.kind.lower(), refusal.workload.name
                ),
            ),
            _verify(refusal.workload),
        ),
    )


def _verify(workload: Resource) -> Fix:
    command = kubectl(workload, "rollout", "status", workload.kind.lower(), workload.name)
    return Fix(text="It worked when this ends", command=command, verifies=True)


def _quote(refusal: Refusal) -> Excerpt:
    about = refusal.event.about
    return Excerpt(
        call=f"event of {about.kind} {about.path}", excerpt=refusal.event.message, at=refusal.event.at
    )


def _label(workload: Resource) -> str:
    return f"{workload.kind} {workload.path}"
