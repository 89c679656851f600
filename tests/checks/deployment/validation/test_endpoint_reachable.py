from __future__ import annotations

from runbook.checks.deployment.validation.endpoint_reachable import endpoint_reachable
from runbook.evidence.deployment.network import NatWay
from runbook.model import Problem
from tests.given.aftercare import commands
from tests.given.deployment import cluster, way

RESTRICTED = cluster(private_access=False, public_cidrs=("203.0.113.0/24", "192.0.2.0/24"))
UPDATE = "aws eks update-cluster-config --region us-east-1 --name shop --resources-vpc-config"
SHOW = (
    "aws eks describe-cluster --region us-east-1 --name shop "
    "--query 'cluster.resourcesVpcConfig.[endpointPrivateAccess,publicAccessCidrs]'"
)


def judge(*ways: NatWay) -> list[Problem]:
    return list(endpoint_reachable(ways, RESTRICTED))


def test_one_way_that_is_let_in_suffices() -> None:
    assert judge(way(), way(subnet="subnet-b", let_in=False)) == []


def test_a_nat_gateway_that_is_not_let_in() -> None:
    (problem,) = judge(way(let_in=False), NatWay(subnet="subnet-b"))
    assert problem.summary == (
        "the API server of cluster shop has no private endpoint, its public one lets in only 203.0.113.0/24 and "
        "192.0.2.0/24, and the NAT gateway of its subnets, 198.51.100.7, is not among these"
    )
    assert problem.facts == (
        "Subnet subnet-a: nat-1, 198.51.100.7",
        "Subnet subnet-b: no default route to a NAT gateway",
    )
    assert commands(problem) == [
        f"{UPDATE} endpointPrivateAccess=true",
        f"{UPDATE} publicAccessCidrs=203.0.113.0/24,192.0.2.0/24,198.51.100.7/32",
        SHOW,
    ]


def test_no_nat_gateway_at_all() -> None:
    (problem,) = judge(NatWay(subnet="subnet-a"))
    assert problem.summary.endswith("and no subnet of the cluster has a NAT gateway to come from")
    assert commands(problem) == [f"{UPDATE} endpointPrivateAccess=true", SHOW]
