"""Where a run's function can be attached: the cluster's subnets, and the ways from there to its API server.

With private access the API server answers inside the VPC. With a public endpoint that is open to the world
the function stays outside. Else it must leave the VPC by an address that the endpoint lets in.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.network import EVERYWHERE, effective_table, routes_of
from runbook.model import NotApplicable, Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

#: Addresses that a subnet should have free before a function takes one of them.
ENOUGH = 8
_MOST_SUBNETS = 2
OUTSIDE = "the function stays outside the VPC, because the cluster's public endpoint is open to the world"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSubnet:
    """A subnet of the cluster; `way` is False where no way leads from it to the API server."""

    resource: Resource
    zone: str
    network: str
    free: int
    way: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NatWay:
    """By which NAT gateway a subnet reaches public addresses, empty without one, and from which addresses."""

    subnet: str
    gateway: str = ""
    addresses: tuple[str, ...] = ()
    let_in: bool = False
    """Whether the cluster's endpoint lets in all of these addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyNetwork:
    """Where the function is attached; no subnets when it stays outside the VPC."""

    subnets: tuple[str, ...] = ()
    security_group: str = ""


def networks(cidrs: Iterable[str]) -> list[ipaddress.IPv4Network]:
    """The IPv4 networks among these, merged where they meet."""
    parsed = (ipaddress.ip_network(cidr, strict=False) for cidr in cidrs)
    v4 = [network for network in parsed if isinstance(network, ipaddress.IPv4Network)]
    return [*ipaddress.collapse_addresses(v4)]


def outside(cluster: Cluster) -> bool:
    """Whether the function reaches the API server without the cluster's VPC."""
    open_to_world = ipaddress.IPv4Network(EVERYWHERE) in networks(cluster.public_cidrs)
    return not cluster.private_access and cluster.public_access and open_to_world


@evidence("ec2:DescribeRouteTables", "ec2:DescribeNatGateways")
async def nat_ways(aws: Aws, cluster: Cluster) -> tuple[NatWay, ...]:
    """How each of the cluster's subnets gets out. Raises NotApplicable where no way out is needed."""
    if cluster.private_access:
        raise NotApplicable("the cluster's API server answers inside its VPC")
    if outside(cluster):
        raise NotApplicable(OUTSIDE)
    gateways = await _gateways(aws, cluster)
    wanted = sorted({gateway for gateway in gateways.values() if gateway})
    addresses = await _addresses(aws, wanted) if wanted else {}
    allowed = networks(cluster.public_cidrs)
    return tuple(
        NatWay(
            subnet=subnet,
            gateway=gateway,
            addresses=addresses.get(gateway, ()),
            let_in=_let_in(addresses.get(gateway, ()), allowed),
        )
        for subnet, gateway in gateways.items()
    )


async def _gateways(aws: Aws, cluster: Cluster) -> dict[str, str]:
    """By subnet the NAT gateway behind its default route, empty without one."""
    answer = await aws.call(
        "ec2:DescribeRouteTables",
        Filters=[{"Name": "vpc-id", "Values": [cluster.vpc]}],
        fields=(
            "RouteTables.RouteTableId", "RouteTables.VpcId", "RouteTables.Routes",
            "RouteTables.Associations.Main", "RouteTables.Associations.SubnetId",
        ),
    )  # fmt: skip
    tables = (answer or {}).get("RouteTables", [])
    found = {}
    for subnet in cluster.subnets:
        table = effective_table(tables, subnet, cluster.vpc)
        if table is None:
            raise Unavailable(f"no route table was seen for subnet {subnet}")
        targets = [r.target for r in routes_of(table) if r.destination == EVERYWHERE and r.active]
        found[subnet] = next((target for target in targets if target.startswith("nat-")), "")
    return found


async def _addresses(aws: Aws, gateways: list[str]) -> dict[str, tuple[str, ...]]:
    answer = await aws.call(
        "ec2:DescribeNatGateways",
        Filters=[{"Name": "nat-gateway-id", "Values": gateways}],
        fields=("NatGateways.NatGatewayId", "NatGateways.NatGatewayAddresses.PublicIp"),
    )
    return {
        body["NatGatewayId"]: tuple(
            one["PublicIp"] for one in body.get("NatGatewayAddresses", ()) if "PublicIp" in one
        )
        for body in (answer or {}).get("NatGateways", ())
    }


def _let_in(addresses: Iterable[str], allowed: list[ipaddress.IPv4Network]) -> bool:
    """A gateway with several addresses uses any of them, so all must be let in."""
    parsed = [ipaddress.IPv4Address(address) for address in addresses]
    return bool(parsed) and all(any(one in network for network in allowed) for one in parsed)


@evidence("ec2:DescribeSubnets")
async def cluster_subnets(
    aws: Aws, cluster: Cluster, nat_ways: tuple[NatWay, ...] | Unavailable | NotApplicable
) -> tuple[ClusterSubnet, ...]:
    """The cluster's subnets. Raises NotApplicable where the function is attached to none."""
    if outside(cluster):
        raise NotApplicable(OUTSIDE)
    # A filter leaves out what does not exist; an id of nothing would have the whole question refused.
    answer = await aws.call(
        "ec2:DescribeSubnets",
        Filters=[{"Name": "subnet-id", "Values": [*cluster.subnets]}],
        fields=tuple(
            f"Subnets.{field}"
            for field in ("SubnetId", "AvailabilityZone", "CidrBlock", "AvailableIpAddressCount")
        ),
    )
    found = (answer or {}).get("Subnets", [])
    if not found:
        raise Unavailable(f"EC2 showed none of the subnets of cluster {cluster.name}")
    shut = {w.subnet for w in nat_ways if not w.let_in} if isinstance(nat_ways, tuple) else set()
    return tuple(
        ClusterSubnet(
            resource=Resource(kind="Subnet", name=body["SubnetId"]),
            zone=body.get("AvailabilityZone", ""),
            network=body["CidrBlock"],
            free=int(body["AvailableIpAddressCount"]),
            way=body["SubnetId"] not in shut,
        )
        for body in sorted(found, key=lambda body: str(body["SubnetId"]))
    )


@evidence()
async def proxy_network(
    cluster: Cluster, cluster_subnets: tuple[ClusterSubnet, ...] | Unavailable | NotApplicable
) -> ProxyNetwork:
    """Where to attach the function: at most two subnets of different zones, those with most room.

    Where the subnets could not be looked at, two of them as they are listed: they may well do.
    """
    if isinstance(cluster_subnets, NotApplicable):
        return ProxyNetwork()
    chosen = cluster.subnets[:_MOST_SUBNETS]
    if not isinstance(cluster_subnets, Unavailable):
        roomy = [one for one in cluster_subnets if one.way and one.free >= ENOUGH]
        by_room = sorted(roomy, key=lambda one: (-one.free, one.resource.name))
        best = {one.zone: one.resource.name for one in reversed(by_room)}
        ranked = [one.resource.name for one in by_room if best[one.zone] == one.resource.name]
        chosen = tuple(ranked[:_MOST_SUBNETS]) or chosen
    return ProxyNetwork(subnets=chosen, security_group=cluster.security_group)
