"""The way from the controller's nodes to AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.evidence.ebs.network import Endpoint, Route, Subnet
from runbook.model import Resource

TO_NAT = Route(destination="0.0.0.0/0", target="nat-1")
TO_INTERNET = Route(destination="0.0.0.0/0", target="igw-1")


def subnet(name: str = "subnet-a", **changes: Any) -> Subnet:
    """A private subnet behind a NAT gateway."""
    healthy = Subnet(
        resource=Resource(kind="Subnet", name=name),
        vpc="vpc-1",
        zone="us-east-1a",
        table="rtb-1",
        routes=(TO_NAT,),
        public=False,
    )
    return replace(healthy, **changes)


def endpoints(*services: str) -> tuple[Endpoint, ...]:
    """Endpoints in the subnet's VPC."""
    return tuple(Endpoint(vpc="vpc-1", service=service) for service in services)
