from __future__ import annotations

from typing import Any

import pytest

from runbook.checks.deployment.validation.security_group_rules import security_group_rules
from runbook.evidence.deployment.security_group import Rule
from runbook.model import Problem, Unavailable
from tests.given.aftercare import commands
from tests.given.deployment import EVERYTHING_OUT, ITSELF, cluster, security_group

HTTPS_OUT = Rule(egress=True, protocol="tcp", first=443, last=443, group="sg-1")
HTTPS_IN = Rule(egress=False, protocol="tcp", first=443, last=443, group="sg-1")
GROUP = "--region us-east-1 --group-id sg-1 --ip-permissions"
IN = f"aws ec2 authorize-security-group-ingress {GROUP}"
OUT = f"aws ec2 authorize-security-group-egress {GROUP}"


def judge(*rules: Rule, **changes: Any) -> list[Problem]:
    return list(security_group_rules(security_group(*rules, **changes), cluster()))


@pytest.mark.parametrize(
    "rules",
    [
        (ITSELF, EVERYTHING_OUT),
        (HTTPS_IN, HTTPS_OUT),
        (
            Rule(egress=False, protocol="tcp", first=0, last=65535, network="10.0.0.0/16"),
            Rule(egress=True, network="10.0.0.0/16"),
        ),
    ],
)
def test_rules_that_suffice(rules: tuple[Rule, ...]) -> None:
    assert judge(*rules) == []


def test_all_of_them_missing() -> None:
    (problem,) = judge(Rule(egress=False, protocol="tcp", first=22, last=22, network="10.0.0.0/8"))
    assert problem.summary == (
        "security group sg-1 of cluster shop, which the run's temporary function is given, has no rule that lets "
        "traffic in on port 443 from the group itself and out on port 443 to the API server"
    )
    assert commands(problem) == [
        f"{IN} 'IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{{GroupId=sg-1}}]'",
        f"{OUT} 'IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{{GroupId=sg-1}}]'",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(egress=True, protocol="tcp", first=443, last=443, network="10.0.32.0/19"),  # half of the subnets
        Rule(egress=True, protocol="tcp", first=443, last=443, group="sg-other"),
        Rule(egress=True, protocol="tcp", first=443, last=443, network="::/0"),
        Rule(egress=True, protocol="udp", first=443, last=443, group="sg-1"),
        Rule(egress=True, protocol="tcp", first=1024, last=65535, group="sg-1"),
    ],
)
def test_rules_out_that_miss_the_api_server(rule: Rule) -> None:
    (problem,) = judge(HTTPS_IN, rule)
    assert problem.summary.endswith("has no rule that lets traffic out on port 443 to the API server")


def test_a_public_address_is_not_in_the_group() -> None:
    (problem,) = judge(HTTPS_OUT, inside=False, api=("0.0.0.0/0",))
    assert problem.summary.endswith("has no rule that lets traffic out on port 443 to the API server")
    assert commands(problem) == [
        f"{OUT} 'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{{CidrIp=0.0.0.0/0}}]'"
    ]
    assert judge(EVERYTHING_OUT, inside=False, api=("0.0.0.0/0",)) == []


def test_a_prefix_list_is_a_doubt_and_no_obstacle() -> None:
    listed = Rule(egress=True, protocol="tcp", first=443, last=443, prefix_list="pl-1")
    with pytest.raises(
        Unavailable,
        match="security group sg-1 lets traffic out on port 443 to the API server only by a prefix list, whose "
        "addresses are not looked at",
    ):
        judge(HTTPS_IN, listed)
