from __future__ import annotations

from typing import Any

import pytest

from runbook.checks.ebs.nodes.route_to_aws import route_to_aws
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.network import Endpoint, Route
from runbook.evidence.events import Event
from runbook.model import Problem, Resource, Seen, Unavailable
from tests.given.account import cluster
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.driver import controller, controller_pod
from tests.given.identity import identity, no_identity
from tests.given.network import TO_INTERNET, endpoints, subnet

SHUT = subnet(routes=())
ROUTE = (
    "aws ec2 {} --region us-east-1 --route-table-id rtb-1 --destination-cidr-block 0.0.0.0/0 "
    "--nat-gateway-id {}"
)
ENDPOINT = (
    "aws ec2 create-vpc-endpoint --region us-east-1 --vpc-id vpc-1 --vpc-endpoint-type Interface "
    "--service-name com.amazonaws.us-east-1.{} --subnet-ids {} --security-group-ids sg-1 "
    "--private-dns-enabled"
)


def judge(*subnets: Any, there: tuple[str, ...] = (), **changes: Any) -> list[Problem]:
    given: dict[str, Any] = {
        "controller_subnets": Seen(subnets),
        "vpc_endpoints": endpoints(*there),
        "identity": identity(),
        "present_controller": controller(),
        "controller_pods": (controller_pod(),),
        "claims": Seen(),
        "cluster": cluster(),
        "aftercare": aftercare(),
    }
    return list(route_to_aws(**given | changes))


@pytest.mark.parametrize("target", ["nat-1", "tgw-1", "eni-1", "vgw-1", "vpce-1"])
def test_a_route_to_everywhere(target: str) -> None:
    assert judge(subnet(routes=(Route(destination="0.0.0.0/0", target=target),))) == []


def test_an_internet_gateway_and_public_addresses() -> None:
    assert judge(subnet(routes=(TO_INTERNET,), public=True)) == []


def test_no_route() -> None:
    (problem,) = judge(SHUT)
    assert problem.resource.key == ("RouteTable", "", "rtb-1")
    assert problem.summary == (
        "subnet subnet-a, where the controller runs, cannot reach EC2 and STS: route table rtb-1 has no "
        "route to "
        "0.0.0.0/0, and VPC vpc-1 has no endpoint for them"
    )
    assert commands(problem) == [
        ENDPOINT.format("ec2", "subnet-a"),
        ENDPOINT.format("sts", "subnet-a"),
        ROUTE.format("create-route", "NAT_GATEWAY_ID"),
        RESTART,
        VERIFY,
    ]


def test_subnets_of_one_table_are_one_fault() -> None:
    (problem,) = judge(SHUT, subnet("subnet-b", routes=(), zone="us-east-1b"))
    assert problem.summary.startswith(
        "subnets subnet-a and subnet-b, where the controller runs, cannot reach EC2 and STS: "
    )
    assert commands(problem)[0] == ENDPOINT.format("ec2", "subnet-a subnet-b")


def test_tables_are_faults_of_their_own() -> None:
    assert [p.resource.name for p in judge(SHUT, subnet("subnet-b", routes=(), table="rtb-2"))] == [
        "rtb-1",
        "rtb-2",
    ]


def test_the_vpc_has_a_nat_gateway() -> None:
    (problem,) = judge(subnet(routes=(), nat="nat-7"))
    assert commands(problem) == [ROUTE.format("create-route", "nat-7"), RESTART, VERIFY]


def test_a_blackhole_is_no_route() -> None:
    gone = Route(destination="0.0.0.0/0", target="nat-1", active=False)
    (problem,) = judge(subnet(routes=(gone,)))
    assert problem.summary == (
        "subnet subnet-a, where the controller runs, cannot reach EC2 and STS: the route to 0.0.0.0/0 in "
        "rtb-1 leads "
        "to nat-1, which is gone, and VPC vpc-1 has no endpoint for them"
    )
    assert commands(problem)[0] == ROUTE.format("replace-route", "NAT_GATEWAY_ID")
    assert [quote.excerpt for quote in problem.evidence] == ["0.0.0.0/0 to nat-1 (blackhole)"]


def test_an_internet_gateway_without_public_address() -> None:
    (problem,) = judge(subnet(routes=(TO_INTERNET,), nat="nat-7"))
    assert problem.summary == (
        "subnet subnet-a, where the controller runs, cannot reach EC2 and STS: rtb-1 routes to igw-1, "
        "which takes "
        "public addresses only, and the node has none, and VPC vpc-1 has no endpoint for them"
    )
    assert commands(problem) == [
        ENDPOINT.format("ec2", "subnet-a"),
        ENDPOINT.format("sts", "subnet-a"),
        RESTART,
        VERIFY,
    ]


def test_the_endpoints_that_it_needs() -> None:
    assert judge(SHUT, there=("ec2", "sts")) == []
    assert judge(SHUT, there=("ec2", "eks-auth"), identity=identity(mode="pod identity")) == []
    assert judge(SHUT, there=("ec2",), identity=no_identity()) == []


def test_the_direct_apis_of_ebs_are_something_else() -> None:
    (problem,) = judge(SHUT, there=("ebs", "sts"))
    assert problem.summary.endswith(
        "cannot reach EC2: route table rtb-1 has no route to 0.0.0.0/0, and VPC vpc-1 has no endpoint for it"
    )


def test_no_endpoint_for_credentials() -> None:
    (problem,) = judge(SHUT, there=("ec2", "sts"), identity=identity(mode="pod identity"))
    assert problem.brief == "no way to EKS Auth"
    assert commands(problem)[0] == ENDPOINT.format("eks-auth", "subnet-a")


def test_an_unknown_identity_may_need_more() -> None:
    with pytest.raises(Unavailable, match="refused"):
        judge(SHUT, there=("ec2",), identity=Unavailable("refused"))


@pytest.mark.parametrize(
    ("destination", "target"),
    [
        ("10.0.0.0/8", "tgw-1"),
        ("::/0", "eigw-1"),
        ("pl-1", "nat-1"),
        ("52.94.0.0/16", "nat-1"),
        ("0.0.0.0/1", "nat-1"),
    ],
)
def test_other_routes_may_lead_there(destination: str, target: str) -> None:
    doubtful = subnet(routes=(Route(destination=destination, target=target),))
    with pytest.raises(Unavailable) as told:
        judge(doubtful)
    assert told.value.reason == (
        f"subnet subnet-a can reach only {destination} to {target}, which may lead to AWS or not"
    )
    assert judge(doubtful, there=("ec2", "sts")) == []


def test_a_proxy_cannot_be_judged() -> None:
    pod = controller_pod(env=(("ebs-plugin", "HTTPS_PROXY", "http://proxy:3128"),))
    with pytest.raises(
        Unavailable, match="the driver calls AWS through a proxy, whose way is not seen from here"
    ):
        judge(SHUT, controller_pods=(pod,))


def nameless(*services: str) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(vpc="vpc-1", service=service, private_dns=False) for service in services)


def test_endpoints_without_private_dns_may_have_a_hosted_zone() -> None:
    with pytest.raises(Unavailable) as told:
        judge(SHUT, vpc_endpoints=nameless("ec2", "sts"))
    assert told.value.reason == (
        "the endpoints for EC2 and STS in VPC vpc-1 have no private DNS name, and whether a hosted zone "
        "leads to them is not looked into"
    )
    assert len(judge(SHUT, vpc_endpoints=nameless("ec2"))) == 1


def refused(message: str) -> Seen[Claim]:
    resource = Resource(kind="PersistentVolumeClaim", namespace="shop", name="data-0")
    said = Event(about=resource, reason="ProvisioningFailed", message=message, last=None)
    return Seen((Claim(resource=resource, phase="Pending", events=(said,)),))


def test_ec2_answers_all_the_same() -> None:
    answered = refused("rpc error: code = Internal desc = Could not create volume: KMSKeyNotAccessibleFault")
    with pytest.raises(Unavailable) as told:
        judge(SHUT, claims=answered)
    assert told.value.reason == (
        "no way from subnet subnet-a to EC2 and STS is seen, yet EC2 answers the driver"
    )
    assert len(judge(SHUT, claims=answered, present_controller=controller(ready=1))) == 1


@pytest.mark.parametrize(
    "why",
    [
        "context deadline exceeded",
        "dial tcp 1.2.3.4:443: i/o timeout",
        "get identity: get credentials: refused",
    ],
)
def test_no_answer_of_ec2(why: str) -> None:
    message = f'Could not create volume "pvc-1": could not create volume in EC2: {why}'
    assert len(judge(SHUT, claims=refused(message))) == 1
