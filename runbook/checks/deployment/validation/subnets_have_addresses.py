"""Room for the function in the cluster's subnets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runbook.commands import aws
from runbook.evidence.deployment.network import ENOUGH, ClusterSubnet
from runbook.evidence.ebs.account import Cluster
from runbook.model import Fix, Problem
from runbook.registry import check
from runbook.wording import names


@check(
    severity="critical",
    kind="obstacle",
    about="Cluster",
    covers=["ACC-12"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
)
def subnets_have_addresses(cluster_subnets: tuple[ClusterSubnet, ...], cluster: Cluster) -> Iterator[Problem]:
    """A subnet of the cluster has room for the function.

    The function takes an address in one or two of the cluster's subnets. A run must not take the last ones,
    which EKS itself needs for updates, and pods for starting.
    """
    usable = [one for one in cluster_subnets if one.way] or [*cluster_subnets]
    if all(subnet.free < ENOUGH for subnet in usable):
        yield Problem(
            resource=cluster.resource,
            summary=f"no subnet of cluster {cluster.name} that the run's temporary function could use has "
            f"{ENOUGH} free addresses: {names(f'{one.resource.name} has {one.free}' for one in usable)}",
            fix=fix(usable, cluster),
        )


def fix(subnets: Sequence[ClusterSubnet], cluster: Cluster) -> tuple[Fix, ...]:
    """Free addresses, or a further subnet."""
    listed = ",".join(one.resource.name for one in subnets)
    unused = aws(
        cluster.region, "ec2", "describe-network-interfaces", "--filters",
        f"Name=subnet-id,Values={listed}", "Name=status,Values=available",
        "--query", "NetworkInterfaces[].[NetworkInterfaceId,Description]", "--output", "text",
    )  # fmt: skip
    further = ",".join([*cluster.subnets, "SUBNET_ID"])
    added = aws(
        cluster.region, "eks", "update-cluster-config", "--name", cluster.name,
        "--resources-vpc-config", f"subnetIds={further}",
    )  # fmt: skip
    return (
        Fix(
            text="See which network interfaces hold an address and are used by nothing; delete those that "
            "nobody needs",
            command=unused,
        ),
        Fix(
            text="Or give the cluster one more subnet of its VPC (put its id in place of SUBNET_ID)",
            command=added,
        ),
    )
