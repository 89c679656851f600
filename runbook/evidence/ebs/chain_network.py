"""Links of the chain from the controller to its nodes, their subnets and the way out of these."""

from __future__ import annotations

from runbook.evidence.ebs.chain_nodes import node_state
from runbook.evidence.ebs.controller_nodes import Host
from runbook.evidence.ebs.network import Endpoint, Subnet
from runbook.evidence.ebs.nodes import Node
from runbook.graph import GraphBuilder
from runbook.model import NotApplicable, Resource, Seen, Unavailable
from runbook.wording import names


def add_network(
    build: GraphBuilder,
    controller: Resource,
    nodes: Seen[Node] | Unavailable | NotApplicable,
    hosts: Seen[Host] | Unavailable | NotApplicable,
    subnets: Seen[Subnet] | Unavailable | NotApplicable,
    endpoints: tuple[Endpoint, ...] | Unavailable | NotApplicable,
) -> None:
    """The controller's nodes below it, below each its subnet, and below that its route table."""
    if isinstance(nodes, Seen):
        for node in nodes:
            build.add(node.resource, node_state(node), of=controller)
    if not isinstance(hosts, Seen):
        return
    known = {s.resource.name: s for s in subnets} if isinstance(subnets, Seen) else {}
    for host in hosts:
        subnet = known.get(host.subnet)
        resource = subnet.resource if subnet else Resource(kind="Subnet", name=host.subnet)
        place = f"in {host.zone}" if host.zone else f"of {host.vpc}"
        build.add(resource, place, of=host.node.resource)
        if subnet:
            says = _way(subnet, endpoints)
            build.add(subnet.table_resource, says or "could not be judged", unknown=not says, of=resource)


def _way(subnet: Subnet, endpoints: tuple[Endpoint, ...] | Unavailable | NotApplicable) -> str:
    if route := subnet.way_out:
        return f"ok: {route.destination} to {route.target}"
    known = endpoints if isinstance(endpoints, tuple) else ()
    here = [endpoint for endpoint in known if endpoint.vpc == subnet.vpc]
    services = sorted(endpoint.service for endpoint in here if endpoint.private_dns)
    if services:
        return f"endpoints for {names(services)}"
    return "" if here or subnet.doubtful else "no way out of the VPC"
