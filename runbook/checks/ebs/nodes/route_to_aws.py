"""The way from the controller's subnet to AWS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from runbook.commands import aws
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.identity import Identity
from runbook.evidence.ebs.network import EVERYWHERE, Endpoint, Subnet
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.wording import names

#: By identity the service that hands out credentials.
CREDENTIALS = {"web identity": "sts", "pod identity": "eks-auth"}
SERVICES = {"ec2": "EC2", "sts": "STS", "eks-auth": "EKS Auth"}
#: A refusal to make a volume comes from EC2, if not for want of an answer or of credentials.
_REFUSED = "could not create volume"
_NO_ANSWER = ("timeout", "deadline exceeded", "canceled", "dial tcp", "send failed", "get credentials")
_PROXY = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


@check(
    severity="critical",
    about="RouteTable",
    covers=["EBS-NET01"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
)
def route_to_aws(
    controller_subnets: Seen[Subnet],
    vpc_endpoints: tuple[Endpoint, ...],
    identity: Identity | Unavailable | NotApplicable,
    present_controller: Controller,
    controller_pods: tuple[Pod, ...],
    claims: Seen[Claim] | Unavailable,
    cluster: Cluster,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The subnets of the controller's nodes have a way to EC2 and to what hands out credentials.

    The controller calls EC2 over HTTPS, and STS or EKS for its credentials. It needs a route out of
    the VPC, or interface endpoints of these services in it; else every call ends in a time-out.
    """
    shut = [subnet for subnet in controller_subnets if subnet.way_out is None]
    if shut and any(name in pod.variables("ebs-plugin") for pod in controller_pods for name in _PROXY):
        raise Unavailable("the driver calls AWS through a proxy, whose way is not seen from here")
    if shut and present_controller.whole:
        _refuse_unknown(claims)
    # One table may serve several subnets; what is wrong with it is one fault.
    by_table = {subnet.table: [other for other in shut if other.table == subnet.table] for subnet in shut}
    answered = present_controller.whole and _answered(claims)
    doubts: list[str] = []
    for subnets in by_table.values():
        missing = _missing(subnets[0], vpc_endpoints, identity)
        if doubt := _doubt(subnets, missing, vpc_endpoints, answered=answered):
            doubts.append(doubt)
        elif missing:
            yield _problem(subnets, missing, controller_subnets, cluster, aftercare)
        elif isinstance(identity, Unavailable):
            raise identity
    if doubts:
        raise Unavailable("; ".join(doubts))


def _missing(
    subnet: Subnet, endpoints: Iterable[Endpoint], identity: Identity | Unavailable | NotApplicable
) -> tuple[str, ...]:
    """The services that the controller calls and for which the VPC has no endpoint."""
    credentials = CREDENTIALS.get(identity.mode) if isinstance(identity, Identity) else None
    there = {e.service for e in endpoints if e.vpc == subnet.vpc and e.private_dns}
    return tuple(service for service in ("ec2", credentials) if service and service not in there)


def _refuse_unknown(claims: Seen[Claim] | Unavailable) -> None:
    """While the controller is well, what its claims say decides whether EC2 is out of reach."""
    gaps = (claims,) if isinstance(claims, Unavailable) else claims.gaps
    for gap in gaps:
        raise gap


def _answered(claims: Seen[Claim] | Unavailable) -> bool:
    """Whether EC2 answers the driver, be it by refusing."""
    known = claims.items if isinstance(claims, Seen) else ()
    said = (claim.said("ProvisioningFailed") for claim in known if claim.waits)
    messages = [event.message.lower() for event in said if event]
    return any(_REFUSED in one and not any(words in one for words in _NO_ANSWER) for one in messages)


def _doubt(
    subnets: Sequence[Subnet], missing: tuple[str, ...], endpoints: Iterable[Endpoint], *, answered: bool
) -> str:
    """What makes it uncertain that the missing services are out of reach, empty where nothing does."""
    if not missing:
        return ""
    subnet, named, services = subnets[0], _named(subnets), names(SERVICES[one] for one in missing)
    if answered:
        return f"no way from {named} to {services} is seen, yet EC2 answers the driver"
    if subnet.doubtful:
        ways = names(f"{route.destination} to {route.target}" for route in subnet.doubtful)
        return f"{named} can reach only {ways}, which may lead to AWS or not"
    nameless = {e.service for e in endpoints if e.vpc == subnet.vpc and not e.private_dns}
    if nameless.issuperset(missing):
        return (
            f"the endpoints for {services} in VPC {subnet.vpc} have no private DNS name, and whether a "
            "hosted zone leads to them is not looked into"
        )
    return ""


def _named(subnets: Sequence[Subnet]) -> str:
    plural = "s" if len(subnets) > 1 else ""
    return f"subnet{plural} {names(subnet.resource.name for subnet in subnets)}"


def _problem(
    shut: Sequence[Subnet],
    missing: tuple[str, ...],
    all_of_them: Iterable[Subnet],
    cluster: Cluster,
    aftercare: Aftercare,
) -> Problem:
    subnet = shut[0]
    state = _state(subnet)
    return Problem(
        resource=subnet.table_resource,
        summary=f"{_named(shut)}, where the controller runs, cannot reach "
        f"{names(SERVICES[one] for one in missing)}: "
        f"{state}, and VPC {subnet.vpc} has no endpoint for {'it' if len(missing) == 1 else 'them'}",
        brief=f"no way to {names(SERVICES[one] for one in missing)}",
        evidence=(
            Excerpt(
                call=f"ec2:DescribeRouteTables {subnet.table}",
                excerpt="\n".join(
                    f"{r.destination} to {r.target}" + ("" if r.active else " (blackhole)")
                    for r in subnet.routes
                )
                or "no route but the local ones",
            ),
        ),
        fix=(*fix(subnet, missing, all_of_them, cluster), *aftercare.retry(), *aftercare.verify()),
    )


def _state(subnet: Subnet) -> str:
    route = subnet.default
    if route is None:
        return f"route table {subnet.table} has no route to {EVERYWHERE}"
    if not route.active:
        return f"the route to {EVERYWHERE} in {subnet.table} leads to {route.target}, which is gone"
    return (
        f"{subnet.table} routes to {route.target}, which takes public addresses only, and the node has none"
    )


def fix(
    subnet: Subnet, missing: tuple[str, ...], subnets: Iterable[Subnet], cluster: Cluster
) -> tuple[Fix, ...]:
    """The route that is missing where the VPC has a NAT gateway; else, or beside it, endpoints."""
    endpoints = tuple(_endpoint(service, subnet, subnets, cluster) for service in missing)
    route = subnet.default
    if route is not None and route.active:
        return endpoints
    gateway = subnet.nat or "NAT_GATEWAY_ID"
    aim = (
        f"NAT gateway {subnet.nat}" if subnet.nat else "a NAT gateway (put its id in place of NAT_GATEWAY_ID)"
    )
    verb = "replace-route" if route else "create-route"
    out = Fix(
        text=f"Give the subnet a way out through {aim}",
        command=aws(
            cluster.region, "ec2", verb, "--route-table-id", subnet.table,
            "--destination-cidr-block", EVERYWHERE, "--nat-gateway-id", gateway,
        ),
    )  # fmt: skip
    if subnet.nat:
        return (out,)
    # A route that lost its NAT gateway shows which way was meant.
    first, *others = (out, *endpoints) if route else (*endpoints, out)
    alternative = others[0] if route else out
    rest = [
        Fix(text=f"Or: {f.text[0].lower()}{f.text[1:]}", command=f.command) if f is alternative else f
        for f in others
    ]
    return (first, *rest)


def _endpoint(service: str, subnet: Subnet, subnets: Iterable[Subnet], cluster: Cluster) -> Fix:
    """An endpoint in one subnet of each zone, as EC2 allows no more."""
    places = {s.zone: s.resource.name for s in subnets if s.vpc == subnet.vpc}
    prefix = "cn.com.amazonaws" if cluster.partition == "aws-cn" and service == "ec2" else "com.amazonaws"
    return Fix(
        text=f"Make an endpoint for {service}; its security group must let the nodes in on port 443",
        command=aws(
            cluster.region, "ec2", "create-vpc-endpoint", "--vpc-id", subnet.vpc,
            "--vpc-endpoint-type", "Interface", "--service-name", f"{prefix}.{cluster.region}.{service}",
            "--subnet-ids", *sorted(places.values()),
            "--security-group-ids", cluster.security_group or "SECURITY_GROUP_ID", "--private-dns-enabled",
        ),
    )  # fmt: skip
