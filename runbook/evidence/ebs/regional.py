"""Commands for AWS in the cluster's Region, which the reader's own defaults need not be."""

from __future__ import annotations

from runbook import commands
from runbook.evidence.ebs.account import Cluster
from runbook.model import Unavailable


def aws(cluster: Cluster | Unavailable, service: str, operation: str, *words: str) -> str:
    """`aws SERVICE OPERATION --region REGION …`; without the Region where it could not be learned."""
    region = "" if isinstance(cluster, Unavailable) else cluster.region
    return commands.aws(region, service, operation, *words)


def resize_node_group(name: str, cluster: Cluster | Unavailable) -> str:
    """Another size for a node group of the cluster of this name; GROUP and COUNT are to be filled in."""
    words = ("--cluster-name", name, "--nodegroup-name", "GROUP", "--scaling-config", "desiredSize=COUNT")
    return aws(cluster, "eks", "update-nodegroup-config", *words)
