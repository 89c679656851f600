"""The state of the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws, command
from runbook.evidence.ebs.account import Cluster
from runbook.model import Fix, Problem, Unavailable
from runbook.registry import check

#: While EKS changes a cluster, its API server goes on answering.
_SERVED = ("ACTIVE", "UPDATING")
_SAYS = {
    "CREATING": "is still being created",
    "PENDING": "is still waiting to be created",
    "DELETING": "is being deleted",
    "FAILED": "could not be created (status FAILED)",
}


@check(
    severity="critical",
    kind="obstacle",
    about="Cluster",
    covers=["CP-12"],
    docs="https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html",
)
def cluster_active(cluster: Cluster) -> Iterator[Problem]:
    """The cluster is active or being updated.

    A cluster that is being created has no API server yet, and one that is being deleted loses it.
    """
    if not cluster.status:
        raise Unavailable(f"EKS did not tell the status of cluster {cluster.name}")
    if cluster.status not in _SERVED:
        says = _SAYS.get(cluster.status, f"has status {cluster.status}")
        yield Problem(resource=cluster.resource, summary=f"cluster {cluster.name} {says}", fix=fix(cluster))


def fix(cluster: Cluster) -> tuple[Fix, ...]:
    """Wait, look why, or name another."""
    named = ("--name", cluster.name)
    match cluster.status:
        case "CREATING" | "PENDING":
            wait = command("aws", "eks", "wait", "cluster-active", "--region", cluster.region, *named)
            return (Fix(text="Wait until it is active; this returns then", command=wait),)
        case "DELETING":
            listing = aws(cluster.region, "eks", "list-clusters")
            return (Fix(text="If another cluster was meant, find its name", command=listing),)
    issues = ("--query", "cluster.{status: status, health: health}")
    look = aws(cluster.region, "eks", "describe-cluster", *named, *issues)
    return (Fix(text="See what EKS says about it", command=look),)
