from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.deployment.network import (
    ClusterSubnet,
    NatWay,
    ProxyNetwork,
    cluster_subnets,
    nat_ways,
    outside,
    proxy_network,
)
from runbook.evidence.ebs.account import Cluster
from runbook.model import NotApplicable, Unavailable
from tests.given.deployment import cluster, subnet, way
from tests.given.ports import Table, provided

RESTRICTED = cluster(private_access=False, public_cidrs=("203.0.113.0/24", "198.51.100.0/24"))
OPEN = cluster(private_access=False)
OPEN_IN_HALVES = cluster(private_access=False, public_cidrs=("0.0.0.0/1", "128.0.0.0/1", "::/0"))
TO_NAT = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
TO_INTERNET = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}


def tables(*routes: dict[str, Any]) -> dict[str, Any]:
    """By subnet one route, in the order of the cluster's subnets."""
    return {
        "RouteTables": [
            {
                "RouteTableId": f"rtb-{name}",
                "VpcId": "vpc-1",
                "Associations": [{"Main": False, "SubnetId": name}],
                "Routes": [route],
            }
            for name, route in zip(RESTRICTED.subnets, routes, strict=False)
        ]
    }


def gateway(*addresses: str) -> dict[str, Any]:
    found = [{"PublicIp": address} for address in addresses]
    return {"NatGateways": [{"NatGatewayId": "nat-1", "NatGatewayAddresses": found}]}


@pytest.mark.parametrize(
    ("one", "is_outside"),
    [(cluster(), False), (RESTRICTED, False), (OPEN, True), (OPEN_IN_HALVES, True)],
)
def test_when_the_function_stays_outside(one: Cluster, is_outside: bool) -> None:
    assert outside(one) is is_outside


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (cluster(), "the cluster's API server answers inside its VPC"),
        (OPEN, "the function stays outside the VPC"),
    ],
)
def test_ways_out_matter_only_where_the_endpoint_is_narrowed(one: Cluster, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        provided(nat_ways, Table({}), cluster=one)


@pytest.mark.parametrize(
    ("addresses", "let_in"),
    [
        (("198.51.100.7",), True),
        (("192.0.2.1",), False),
        (("198.51.100.7", "192.0.2.1"), False),
        ((), False),
    ],
)
def test_ways_by_their_addresses(addresses: tuple[str, ...], let_in: bool) -> None:
    table = Table(
        {
            "ec2:DescribeRouteTables": tables(TO_NAT, TO_INTERNET),
            "ec2:DescribeNatGateways": gateway(*addresses),
        }
    )
    assert provided(nat_ways, table, cluster=RESTRICTED) == (
        way(addresses=addresses, let_in=let_in),
        NatWay(subnet="subnet-b"),
    )


@pytest.mark.parametrize("route", [TO_INTERNET, {**TO_NAT, "State": "blackhole"}])
def test_no_gateway_is_asked_about_where_no_route_leads_to_one(route: dict[str, Any]) -> None:
    table = Table({"ec2:DescribeRouteTables": tables(route, route)})
    assert provided(nat_ways, table, cluster=RESTRICTED) == (
        NatWay(subnet="subnet-a"),
        NatWay(subnet="subnet-b"),
    )


def test_a_subnet_without_a_route_table_is_not_understood() -> None:
    with pytest.raises(Unavailable, match="no route table was seen for subnet subnet-b"):
        provided(nat_ways, Table({"ec2:DescribeRouteTables": tables(TO_NAT)}), cluster=RESTRICTED)


def described(name: str, free: int) -> dict[str, Any]:
    return {
        "SubnetId": name,
        "AvailabilityZone": "us-east-1a",
        "CidrBlock": "10.0.32.0/19",
        "AvailableIpAddressCount": free,
    }


@pytest.mark.parametrize(
    ("ways", "leads"),
    [
        (NotApplicable("private"), (True, True)),
        (Unavailable("refused"), (True, True)),
        ((way(), NatWay(subnet="subnet-b")), (True, False)),
    ],
)
def test_subnets_and_the_ways_from_them(ways: Any, leads: tuple[bool, bool]) -> None:
    table = Table({"ec2:DescribeSubnets": {"Subnets": [described("subnet-b", 3), described("subnet-a", 9)]}})
    assert provided(cluster_subnets, table, cluster=cluster(), nat_ways=ways) == (
        subnet(free=9, way=leads[0]),
        subnet("subnet-b", free=3, way=leads[1]),
    )


def test_none_of_the_subnets() -> None:
    table = Table({"ec2:DescribeSubnets": {"Subnets": []}})
    with pytest.raises(Unavailable, match="EC2 showed none of the subnets of cluster shop"):
        provided(cluster_subnets, table, cluster=cluster(), nat_ways=NotApplicable("private"))


def place(*found: ClusterSubnet) -> ProxyNetwork:
    placed: ProxyNetwork = provided(proxy_network, Table({}), cluster=cluster(), cluster_subnets=found)
    return placed


def test_the_roomiest_subnet_of_each_zone_and_no_more_than_two() -> None:
    b = {"zone": "us-east-1b"}
    assert place(
        subnet("subnet-a", free=20),
        subnet("subnet-b", free=30),
        subnet("subnet-c", free=10, **b),
        subnet("subnet-d", free=40, zone="us-east-1c"),
    ) == ProxyNetwork(subnets=("subnet-d", "subnet-b"), security_group="sg-1")


def test_only_where_there_is_room_and_a_way() -> None:
    found = (
        subnet("subnet-a", free=7),
        subnet("subnet-b", zone="us-east-1b", way=False),
        subnet("subnet-c", zone="us-east-1c", free=8),
    )
    assert place(*found) == ProxyNetwork(subnets=("subnet-c",), security_group="sg-1")


def test_subnets_that_could_not_be_looked_at_may_well_do() -> None:
    placed = provided(
        proxy_network,
        Table({}),
        cluster=cluster(subnets=("s-1", "s-2", "s-3")),
        cluster_subnets=Unavailable("no"),
    )
    assert placed == ProxyNetwork(subnets=("s-1", "s-2"), security_group="sg-1")


def test_outside_it_is_attached_to_nothing() -> None:
    with pytest.raises(NotApplicable):
        provided(cluster_subnets, Table({}), cluster=OPEN, nat_ways=NotApplicable("open"))
    placed = provided(proxy_network, Table({}), cluster=OPEN, cluster_subnets=NotApplicable("open"))
    assert placed == ProxyNetwork()
