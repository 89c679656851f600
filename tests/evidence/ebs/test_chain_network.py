from __future__ import annotations

from collections.abc import Sequence

from runbook.evidence.ebs.chain_network import add_network
from runbook.evidence.ebs.controller_nodes import Host
from runbook.evidence.ebs.network import Endpoint, Route, Subnet
from runbook.evidence.ebs.nodes import Node
from runbook.graph import GraphBuilder
from runbook.model import Resource, Seen, Unavailable
from tests.given.driver import controller
from tests.given.network import endpoints, subnet

NODE = Node(resource=Resource(kind="Node", name="node-a"), ready=True, zone="us-east-1a")
HOST = Host(node=NODE, id="i-1", subnet="subnet-a", vpc="vpc-1", zone="us-east-1a")


def rows(
    subnets: Seen[Subnet] | Unavailable, there: tuple[Endpoint, ...] = ()
) -> Sequence[tuple[int, str, str, str]]:
    build = GraphBuilder()
    start = build.add(controller().resource, "2 of 2 ready")
    add_network(build, start, Seen((NODE,)), Seen((HOST,)), subnets, there)
    graph = build.build()
    return [(depth, r.name, graph.links[r].says, graph.links[r].status) for r, depth in graph.walk([start])][
        1:
    ]


def test_from_the_controller_to_the_nat_gateway() -> None:
    assert rows(Seen((subnet(),))) == [
        (1, "node-a", "Ready, in us-east-1a", "ok"),
        (2, "subnet-a", "in us-east-1a", "ok"),
        (3, "rtb-1", "ok: 0.0.0.0/0 to nat-1", "ok"),
    ]


def test_endpoints_are_a_way_too() -> None:
    assert rows(Seen((subnet(routes=()),)), endpoints("sts", "ec2"))[-1] == (
        3,
        "rtb-1",
        "endpoints for ec2 and sts",
        "ok",
    )


def test_a_way_that_leads_somewhere_is_unknown() -> None:
    doubtful = subnet(routes=(Route(destination="10.0.0.0/8", target="tgw-1"),))
    assert rows(Seen((doubtful,)))[-1] == (3, "rtb-1", "could not be judged", "unknown")


def test_no_way_out() -> None:
    assert rows(Seen((subnet(routes=()),)))[-1] == (3, "rtb-1", "no way out of the VPC", "ok")


def test_routes_that_could_not_be_read() -> None:
    assert rows(Unavailable("refused")) == [
        (1, "node-a", "Ready, in us-east-1a", "ok"),
        (2, "subnet-a", "in us-east-1a", "ok"),
    ]
