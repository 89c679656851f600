from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.ebs.controller_nodes import Host
from runbook.evidence.ebs.network import Endpoint, Route, controller_subnets, vpc_endpoints
from runbook.evidence.ebs.nodes import Node
from runbook.model import Resource, Seen
from tests.given.account import cluster
from tests.given.network import subnet
from tests.given.ports import Table, provided

LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
NAT = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
MAIN = {
    "RouteTableId": "rtb-main",
    "VpcId": "vpc-1",
    "Associations": [{"Main": True}],
    "Routes": [LOCAL, NAT],
}


def host(name: str = "subnet-a", *, public: bool = False) -> Host:
    there = Node(resource=Resource(kind="Node", name=f"node-{name}"))
    return Host(node=there, id="i-1", subnet=name, vpc="vpc-1", zone="us-east-1a", public=public)


def own(*routes: dict[str, Any]) -> dict[str, Any]:
    return {
        "RouteTableId": "rtb-own",
        "VpcId": "vpc-1",
        "Associations": [{"Main": False, "SubnetId": "subnet-a"}],
        "Routes": [LOCAL, *routes],
    }


def ask(*hosts: Host, tables: tuple[dict[str, Any], ...]) -> Any:
    table = Table({"ec2:DescribeRouteTables": {"RouteTables": [*tables]}})
    return provided(controller_subnets, table, controller_hosts=Seen(hosts or (host(),)))


def test_an_association_of_its_own_wins_over_the_main_table() -> None:
    (found,) = ask(tables=(MAIN, own()))
    assert (found.table, found.routes, found.way_out, found.nat) == ("rtb-own", (), None, "nat-1")


def test_without_one_the_main_table_of_its_vpc_counts() -> None:
    elsewhere = {**MAIN, "RouteTableId": "rtb-elsewhere", "VpcId": "vpc-2"}
    (found,) = ask(tables=(MAIN, elsewhere))
    assert (found.table, found.way_out) == ("rtb-main", Route(destination="0.0.0.0/0", target="nat-1"))


def test_no_table_is_a_gap() -> None:
    found = ask(tables=())
    assert (found.items, [gap.reason for gap in found.gaps]) == (
        (),
        ["no route table was seen for subnet subnet-a"],
    )


@pytest.mark.parametrize(
    ("body", "route"),
    [
        ({**NAT, "State": "blackhole"}, Route(destination="0.0.0.0/0", target="nat-1", active=False)),
        (
            {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"},
            Route(destination="::/0", target="eigw-1"),
        ),
        (
            {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1", "State": "active"},
            Route(destination="pl-1", target="tgw-1"),
        ),
        (
            {"DestinationCidrBlock": "10.0.0.0/8", "VpcPeeringConnectionId": "pcx-1", "State": "active"},
            Route(destination="10.0.0.0/8", target="pcx-1"),
        ),
    ],
)
def test_routes_that_are_no_way_out(body: dict[str, Any], route: Route) -> None:
    (found,) = ask(tables=(own(body),))
    assert (found.routes, found.way_out) == ((route,), None)
    assert found.doubtful == ((route,) if route.active else ())


def test_the_gateway_endpoint_of_s3_is_no_way_at_all() -> None:
    s3 = {"DestinationPrefixListId": "pl-63a5400a", "GatewayId": "vpce-1", "State": "active"}
    (found,) = ask(tables=(own(s3),))
    assert found.routes == ()


@pytest.mark.parametrize("public", [True, False])
def test_an_internet_gateway_takes_public_addresses(public: bool) -> None:
    internet = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
    (found,) = ask(host(public=True), host(public=public), tables=(own(internet),))
    assert (found.way_out is not None) is public


def test_endpoints_that_work() -> None:
    good = {
        "VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.ec2",
        "VpcEndpointType": "Interface", "State": "available", "PrivateDnsEnabled": True,
    }  # fmt: skip
    others = [
        {**good, "VpcEndpointId": "vpce-2", "State": "pending"},
        {**good, "VpcEndpointId": "vpce-3", "PrivateDnsEnabled": False},
        {**good, "VpcEndpointId": "vpce-4", "VpcEndpointType": "Gateway"},
        {**good, "VpcEndpointId": "vpce-5", "ServiceName": "com.amazonaws.us-west-2.ec2"},
    ]
    table = Table({"ec2:DescribeVpcEndpoints": {"VpcEndpoints": [good, *others]}})
    found = provided(vpc_endpoints, table, cluster=cluster(), controller_subnets=Seen((subnet(routes=()),)))
    assert found == (
        Endpoint(vpc="vpc-1", service="ec2"),
        Endpoint(vpc="vpc-1", service="ec2", private_dns=False),
    )


def test_nothing_is_asked_where_there_is_a_way_out() -> None:
    table = Table({})
    assert provided(vpc_endpoints, table, cluster=cluster(), controller_subnets=Seen((subnet(),))) == ()
    assert table.asked == []
