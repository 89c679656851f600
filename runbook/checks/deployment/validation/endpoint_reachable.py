"""The way from the function to the cluster's public endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws
from runbook.evidence.deployment.network import NatWay
from runbook.evidence.ebs.account import Cluster
from runbook.model import Fix, Problem
from runbook.registry import check
from runbook.wording import names


@check(
    severity="critical",
    kind="obstacle",
    about="Cluster",
    covers=["ACC-05"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
)
def endpoint_reachable(nat_ways: tuple[NatWay, ...], cluster: Cluster) -> Iterator[Problem]:
    """The cluster's endpoint lets the function in.

    A public endpoint can be narrowed to some addresses. The function then has to come from one of these, and
    in the cluster's subnets it has the address of their NAT gateway.
    """
    if any(way.let_in for way in nat_ways):
        return
    yield Problem(
        resource=cluster.resource,
        summary=f"the API server of cluster {cluster.name} has no private endpoint, its public one lets in "
        f"only {names(cluster.public_cidrs)}, and {_outside(nat_ways)}",
        facts=tuple(_fact(way) for way in nat_ways),
        fix=fix(nat_ways, cluster),
    )


def _outside(ways: tuple[NatWay, ...]) -> str:
    addresses = sorted({address for way in ways for address in way.addresses})
    if not addresses:
        return "no subnet of the cluster has a NAT gateway to come from"
    verb = "is" if len(addresses) == 1 else "are"
    return f"the NAT gateway of its subnets, {names(addresses)}, {verb} not among these"


def _fact(way: NatWay) -> str:
    if not way.gateway:
        return f"Subnet {way.subnet}: no default route to a NAT gateway"
    return f"Subnet {way.subnet}: {way.gateway}, {names(way.addresses) or 'without a public address'}"


def fix(ways: tuple[NatWay, ...], cluster: Cluster) -> tuple[Fix, ...]:
    """Private access; or the NAT gateways' addresses let in."""
    named = ("--name", cluster.name)
    private = aws(
        cluster.region, "eks", "update-cluster-config", *named,
        "--resources-vpc-config", "endpointPrivateAccess=true",
    )  # fmt: skip
    steps = [
        Fix(
            text="Let the API server answer inside the VPC as well, which keeps the nodes' traffic there too",
            command=private,
        )
    ]
    if addresses := sorted({f"{address}/32" for way in ways for address in way.addresses}):
        allowed = ",".join([*cluster.public_cidrs, *addresses])
        command = aws(
            cluster.region, "eks", "update-cluster-config", *named,
            "--resources-vpc-config", f"publicAccessCidrs={allowed}",
        )  # fmt: skip
        steps.append(Fix(text="Or let in the NAT gateway of the cluster's subnets", command=command))
    query = ("--query", "cluster.resourcesVpcConfig.[endpointPrivateAccess,publicAccessCidrs]")
    shown = aws(cluster.region, "eks", "describe-cluster", *named, *query)
    steps.append(
        Fix(
            text="After some minutes this begins with true, or lists the address",
            command=shown,
            verifies=True,
        )
    )
    return tuple(steps)
