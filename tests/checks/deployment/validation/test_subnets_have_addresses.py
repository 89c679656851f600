from __future__ import annotations

from runbook.checks.deployment.validation.subnets_have_addresses import subnets_have_addresses
from tests.given.aftercare import commands
from tests.given.deployment import cluster, subnet


def test_one_with_room_is_enough() -> None:
    assert list(subnets_have_addresses((subnet(free=8), subnet("subnet-b", free=0)), cluster())) == []


def test_none_with_room() -> None:
    (problem,) = subnets_have_addresses((subnet(free=7), subnet("subnet-b", free=0)), cluster())
    assert problem.resource == cluster().resource
    assert problem.summary == (
        "no subnet of cluster shop that the run's temporary function could use has 8 free addresses: subnet-a has "
        "7 and subnet-b has 0"
    )
    assert commands(problem) == [
        "aws ec2 describe-network-interfaces --region us-east-1 --filters Name=subnet-id,Values=subnet-a,subnet-b "
        "Name=status,Values=available --query 'NetworkInterfaces[].[NetworkInterfaceId,Description]' --output text",
        "aws eks update-cluster-config --region us-east-1 --name shop "
        "--resources-vpc-config subnetIds=subnet-a,subnet-b,SUBNET_ID",
    ]


def test_room_where_no_way_leads_does_not_help() -> None:
    (problem,) = subnets_have_addresses((subnet(free=2), subnet("subnet-b", way=False)), cluster())
    assert problem.summary.endswith("has 8 free addresses: subnet-a has 2")


def test_where_no_way_leads_anywhere_room_is_not_the_question() -> None:
    assert list(subnets_have_addresses((subnet(way=False), subnet("subnet-b", way=False)), cluster())) == []
