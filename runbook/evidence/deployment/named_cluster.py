"""Whether AWS knows the cluster that was named."""

from __future__ import annotations

from dataclasses import dataclass

from runbook.evidence.ebs.account import CLUSTER_FIELDS
from runbook.model import Parameters, Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence
from runbook.wording import near


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCluster:
    """The cluster by its name; where it does not exist, the names of clusters that sound like it."""

    resource: Resource
    similar: tuple[str, ...] = ()


@evidence("eks:DescribeCluster", "eks:ListClusters")
async def named_cluster(aws: Aws, parameters: Parameters) -> NamedCluster:
    """The cluster, present or absent."""
    name = parameters["EksClusterName"]
    if await aws.call("eks:DescribeCluster", name=name, fields=CLUSTER_FIELDS) is not None:
        return NamedCluster(resource=Resource(kind="Cluster", name=name))
    try:
        answer = await aws.call("eks:ListClusters", fields=("clusters",))
    except Unavailable:
        answer = None  # the list only helps to find a misspelling
    known = (answer or {}).get("clusters", ())
    return NamedCluster(resource=Resource(kind="Cluster", name=name, exists=False), similar=near(name, known))
