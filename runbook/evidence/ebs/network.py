"""The way from the controller's nodes to AWS: the routes of their subnets, and the endpoints of the VPC."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.controller_nodes import Host
from runbook.model import Resource, Seen, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

_TARGETS = (
    "NatGatewayId", "TransitGatewayId", "EgressOnlyInternetGatewayId", "VpcPeeringConnectionId",
    "CarrierGatewayId",
    "LocalGatewayId", "CoreNetworkArn", "NetworkInterfaceId", "InstanceId", "GatewayId",
)  # fmt: skip
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route that leaves the VPC; `active` is False where its target is gone (a blackhole)."""

    destination: str
    target: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A subnet of the controller's nodes with the table that routes it; local routes are left out.

    `public` says that all of the controller's nodes in it have public addresses. `nat` is a NAT gateway
    that another table of the VPC uses.
    """

    resource: Resource
    vpc: str
    zone: str
    table: str
    routes: tuple[Route, ...]
    public: bool
    nat: str = ""

    @property
    def table_resource(self) -> Resource:
        """The route table."""
        return Resource(kind="RouteTable", name=self.table)

    @property
    def default(self) -> Route | None:
        """The route to everywhere, working or not."""
        return next((r for r in self.routes if r.destination == EVERYWHERE), None)

    @property
    def way_out(self) -> Route | None:
        """The route by which the controller reaches any public address, None without one."""
        route = self.default
        if route is None or not route.active or (route.target.startswith("igw-") and not self.public):
            return None
        return route

    @property
    def doubtful(self) -> tuple[Route, ...]:
        """Working routes that lead out of the VPC to some place, which may be AWS or endpoints elsewhere."""
        return tuple(r for r in self.routes if r.active and r.destination != EVERYWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An interface endpoint; `service` is the last part of the service's name (`ec2`)."""

    vpc: str
    service: str
    private_dns: bool = True
    """Whether it answers under the service's own name; else a hosted zone of one's own may see to that."""


@evidence("ec2:DescribeRouteTables")
async def controller_subnets(aws: Aws, controller_hosts: Seen[Host]) -> Seen[Subnet]:
    """The subnets of the controller's nodes, with their routes."""
    vpcs = sorted({host.vpc for host in controller_hosts})
    if not vpcs:
        return Seen((), controller_hosts.gaps)
    answer = await aws.call(
        "ec2:DescribeRouteTables",
        Filters=[{"Name": "vpc-id", "Values": vpcs}],
        fields=(
            "RouteTables.RouteTableId", "RouteTables.VpcId", "RouteTables.Routes",
            "RouteTables.Associations.Main", "RouteTables.Associations.SubnetId",
        ),
    )  # fmt: skip
    tables: list[dict[str, Any]] = (answer or {}).get("RouteTables", [])
    gaps = list(controller_hosts.gaps)
    found: list[Subnet] = []
    for subnet in sorted({host.subnet for host in controller_hosts}):
        hosts = [host for host in controller_hosts if host.subnet == subnet]
        table = effective_table(tables, subnet, hosts[0].vpc)
        if table:
            found.append(_subnet(subnet, hosts, table, tables))
        else:
            gaps.append(Unavailable(f"no route table was seen for subnet {subnet}"))
    return Seen(tuple(found), tuple(gaps))


def effective_table(tables: Iterable[dict[str, Any]], subnet: str, vpc: str) -> dict[str, Any] | None:
    """The table associated with the subnet, else the VPC's main one."""
    main = None
    for table in tables:
        for association in table.get("Associations", ()):
            if association.get("SubnetId") == subnet:
                return table
            if association.get("Main") and table.get("VpcId") == vpc:
                main = table
    return main


def _subnet(name: str, hosts: list[Host], table: dict[str, Any], tables: Iterable[dict[str, Any]]) -> Subnet:
    vpc = hosts[0].vpc
    everywhere = [r for t in tables if t.get("VpcId") == vpc for r in routes_of(t)]
    nats = sorted({r.target for r in everywhere if r.active and r.target.startswith("nat-")})
    return Subnet(
        resource=Resource(kind="Subnet", name=name),
        vpc=vpc,
        zone=hosts[0].zone,
        table=table["RouteTableId"],
        routes=tuple(routes_of(table)),
        public=all(host.public for host in hosts),
        nat=nats[0] if nats else "",
    )


def routes_of(table: dict[str, Any]) -> Iterable[Route]:
    """The routes of a table that leave the VPC."""
    for body in table.get("Routes", ()):
        target = next((str(body[key]) for key in _TARGETS if body.get(key)), "")
        destination = next((str(body[key]) for key in _DESTINATIONS if body.get(key)), "")
        gateway_endpoint = target.startswith("vpce-") and destination.startswith("pl-")
        if target == "local" or gateway_endpoint:
            continue
        yield Route(
            destination=_canonical(destination), target=target, active=body.get("State") != "blackhole"
        )


def _canonical(destination: str) -> str:
    return (
        destination
        if destination.startswith("pl-") or not destination
        else str(ipaddress.ip_network(destination))
    )


@evidence("ec2:DescribeVpcEndpoints")
async def vpc_endpoints(aws: Aws, cluster: Cluster, controller_subnets: Seen[Subnet]) -> tuple[Endpoint, ...]:
    """Working interface endpoints of the VPCs whose subnets have no way out; nothing is asked for others."""
    vpcs = sorted({subnet.vpc for subnet in controller_subnets if subnet.way_out is None})
    if not vpcs:
        return ()
    answer = await aws.call(
        "ec2:DescribeVpcEndpoints",
        Filters=[{"Name": "vpc-id", "Values": vpcs}],
        fields=tuple(
            f"VpcEndpoints.{field}"
            for field in (
                "VpcId",
                "ServiceName",
                "VpcEndpointType",
                "State",
                "PrivateDnsEnabled",
            )
        ),
    )
    return tuple(
        Endpoint(
            vpc=body["VpcId"],
            service=body["ServiceName"].rpartition(".")[2],
            private_dns=body.get("PrivateDnsEnabled") is not False,
        )
        for body in (answer or {}).get("VpcEndpoints", ())
        if body.get("VpcEndpointType") == "Interface"
        and body.get("State", "").lower() == "available"
        and f".{cluster.region}." in body["ServiceName"]
    )
