"""A pod names a claim that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import apply, command, kubectl
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.claim_clues import MissingClaim
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, Fix, Problem, Resource, Seen
from runbook.registry import check
from runbook.wording import names


@check(
    severity="high",
    about="PersistentVolumeClaim",
    covers=["EBS-PVC01"],
    docs="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes",
)
def claim_exists(missing_claims: Seen[MissingClaim], asked: Asked, aftercare: Aftercare) -> Iterator[Problem]:
    """Every claim that a pod names exists in the pod's namespace.

    The scheduler does not place a pod before its claims exist. Claims belong to a namespace: one of the
    same name elsewhere does not help.
    """
    for missing in missing_claims:
        claim = missing.claim.resource
        users = [p for p in asked.pods if p.resource.namespace == claim.namespace and claim.name in p.claims]
        clues = [f"near: {names(missing.near)}"] if missing.near else []
        clues += [f"namespace {names(missing.elsewhere)} has one of that name"] if missing.elsewhere else []
        yield Problem(
            resource=claim,
            summary=f"claim {claim.path}, which pod {names(p.resource.path for p in users)} "
            f"{'names' if len(users) == 1 else 'name'}, does not exist"
            + (f" ({'; '.join(clues)})" if clues else ""),
            brief="; ".join(["does not exist", *clues]),
            evidence=tuple(
                Excerpt(call=f"k8s:get pods {p.resource.path}", excerpt=p.unschedulable)
                for p in users
                if p.unschedulable
            ),
            fix=(*fix(claim, users[0]), *(() if users[0].mounted else aftercare.verify())),
        )


def fix(claim: Resource, pod: Pod) -> tuple[Fix, ...]:
    """Let whoever makes the claim make it; else create it by hand."""
    kind, owner = pod.owner
    if pod.mounted:
        return (
            Fix(
                text="Its volume is still mounted: keep this pod until its data is saved, because the volume "
                "may be deleted when the pod ends. See the volume that the claim had",
                command=command("kubectl", "get", "persistentvolumes"),
            ),
        )
    if claim.name in pod.ephemeral:
        return (
            Fix(
                text="Kubernetes makes this claim for the pod and takes no other; see what keeps it from it",
                command=kubectl(pod.resource, "describe", "pod", pod.resource.name),
            ),
        )
    if kind == "StatefulSet" and claim.name.endswith(f"-{pod.resource.name}"):
        return (
            Fix(
                text=f"StatefulSet {owner} makes this claim together with the pod: remove the pod, which "
                "does not run, and both are made anew (the new volume is empty)",
                command=kubectl(pod.resource, "delete", "pod", pod.resource.name),
                destructive=True,
            ),
        )
    return (
        Fix(
            text="Create the claim (of the default StorageClass; put the size needed for SIZE, such as 20Gi)",
            command=apply(manifest(claim)),
        ),
    )


def manifest(claim: Resource) -> dict[str, object]:
    """The claim, its size left open."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": claim.name, "namespace": claim.namespace},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "SIZE"}}},
    }
