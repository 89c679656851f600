"""Letting the role of a run read a cluster."""

from __future__ import annotations

from runbook.commands import aws, command
from runbook.evidence.ebs.account import Cluster
from runbook.model import Fix
from runbook.permissions import GROUP


def create_entry(cluster: Cluster, role: str) -> Fix:
    """An access entry with the group that the shipped ClusterRole is bound to."""
    return Fix(text="Give the role an access entry", command=_entry("create-access-entry", cluster, role))


def update_entry(cluster: Cluster, role: str) -> Fix:
    """The group, for an entry that has none."""
    return Fix(
        text="Give the access entry the group that may read",
        command=_entry("update-access-entry", cluster, role),
    )


def apply_role(cluster: Cluster) -> Fix:
    """The group's rights, which no AWS call can tell of."""
    return Fix(
        text=f"Once for cluster {cluster.name}, if that was not done: let group {GROUP} read, but no Secrets",
        command=command("kubectl", "apply", "-f", "docs/cluster-role.yaml"),
    )


def show_entry(cluster: Cluster, role: str) -> Fix:
    """How to see that the entry is as it should be."""
    named = ("--cluster-name", cluster.name, "--principal-arn", role)
    query = ("--query", "accessEntry.kubernetesGroups", "--output", "text")
    shown = aws(cluster.region, "eks", "describe-access-entry", *named, *query)
    return Fix(text=f"It worked when this says {GROUP}", command=shown, verifies=True)


def _entry(operation: str, cluster: Cluster, role: str) -> str:
    named = ("--cluster-name", cluster.name, "--principal-arn", role)
    return aws(cluster.region, "eks", operation, *named, "--kubernetes-groups", GROUP)
