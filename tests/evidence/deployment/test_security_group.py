from __future__ import annotations

import pytest

from runbook.evidence.deployment.security_group import Rule, SecurityGroup, cluster_security_group
from runbook.evidence.ebs.account import Cluster
from runbook.model import Unavailable
from tests.given.deployment import EVERYTHING_OUT, ITSELF, cluster, security_group, subnet
from tests.given.ports import Table, provided

RULES = [
    {"IsEgress": False, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "ReferencedGroupInfo": {"GroupId": "sg-1"}},
    {"IsEgress": True, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"},
    {"IsEgress": True, "IpProtocol": "17", "FromPort": 53, "ToPort": 53, "CidrIpv6": "::/0"},
    {"IsEgress": True, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListId": "pl-1"},
]  # fmt: skip
PARSED = (
    ITSELF,
    EVERYTHING_OUT,
    Rule(egress=True, protocol="udp", first=53, last=53, network="::/0"),
    Rule(egress=True, protocol="tcp", first=443, last=443, prefix_list="pl-1"),
)


def ask(one: Cluster) -> SecurityGroup:
    table = Table({"ec2:DescribeSecurityGroupRules": {"SecurityGroupRules": RULES}})
    subnets = (subnet(), subnet("subnet-b", network="10.0.64.0/19"))
    found: SecurityGroup = provided(cluster_security_group, table, cluster=one, cluster_subnets=subnets)
    return found


def test_rules_in_their_own_words() -> None:
    assert ask(cluster()) == security_group(*PARSED)


def test_a_public_api_server_is_anywhere() -> None:
    expected = security_group(*PARSED, api=("0.0.0.0/0",), inside=False)
    assert ask(cluster(private_access=False)) == expected


def test_a_cluster_without_the_group() -> None:
    with pytest.raises(Unavailable, match="EKS names no security group of cluster shop"):
        ask(cluster(security_group=""))
