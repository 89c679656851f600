"""Commands for AWS in the cluster's Region, which the reader's own defaults need not be."""

from __future__ import annotations

from runbook.evidence.commands import command
from runbook.evidence.ebs.account import Cluster
from runbook.model import Unavailable


def aws(cluster: Cluster | Unavailable, service: str, operation: str, *words: str) -> str:
    """`aws SERVICE OPERATION --region REGION …`; without the Region where it could not be learned."""
    region = () if isinstance(cluster, Unavailable) else ("--region", cluster.region)
    return command("aws", service, operation, *region, *words)
