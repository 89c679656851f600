"""IAM's policy language, as the embedded account judges it."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.local.aws.policies import Judgement, judge, like

VOLUME = "arn:aws:ec2:us-east-1:111122223333:volume/vol-1"
CONTEXT = {"aws:RequestedRegion": ["us-east-1"], "s3:max-keys": ["10"], "aws:TagKeys": ["a", "b"]}


def _judge(statement: dict[str, Any], **context: Any) -> Judgement:
    full = {"Effect": "Allow", "Action": "ec2:AttachVolume", "Resource": "*"} | statement
    given = {**CONTEXT, **context}
    return judge({"p": {"Statement": [full]}}, "ec2:AttachVolume", VOLUME, given)


@pytest.mark.parametrize(
    ("statement", "decision"),
    [
        ({}, "allowed"),
        ({"Action": "EC2:attachVOLUME"}, "allowed"),
        ({"Action": ["ec2:Attach*", "ec2:Detach*"]}, "allowed"),
        ({"Action": "ec2:*tachVolum?"}, "allowed"),
        ({"Action": "*"}, "allowed"),
        ({"Action": "ec2:DetachVolume"}, "implicitDeny"),
        ({"Action": [], "NotAction": "iam:*"}, "allowed"),
        ({"Action": [], "NotAction": "ec2:*"}, "implicitDeny"),
        ({"Resource": "arn:aws:ec2:*:*:volume/*"}, "allowed"),
        ({"Resource": "arn:aws:ec2:*:*:instance/*"}, "implicitDeny"),
        ({"Resource": "arn:aws:ec2:*:*:VOLUME/*"}, "implicitDeny"),
        ({"Resource": [], "NotResource": "arn:aws:ec2:*:*:instance/*"}, "allowed"),
        ({"Resource": "arn:aws:ec2:${aws:RequestedRegion}:*:volume/*"}, "allowed"),
        ({"Effect": "Deny"}, "explicitDeny"),
    ],
)
def test_action_and_resource(statement: dict[str, Any], decision: str) -> None:
    assert _judge(statement).decision == decision


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "decision"),
    [
        ("StringEquals", "aws:RequestedRegion", "us-east-1", "allowed"),
        ("StringEquals", "AWS:requestedREGION", ["eu-west-1", "us-east-1"], "allowed"),
        ("StringEquals", "aws:RequestedRegion", "us-*", "implicitDeny"),
        ("StringLike", "aws:RequestedRegion", "us-*", "allowed"),
        ("StringNotEquals", "aws:RequestedRegion", "eu-west-1", "allowed"),
        ("StringNotLike", "aws:RequestedRegion", ["eu-*", "us-*"], "implicitDeny"),
        ("StringEqualsIgnoreCase", "aws:RequestedRegion", "US-EAST-1", "allowed"),
        ("NumericLessThanEquals", "s3:max-keys", 10, "allowed"),
        ("NumericGreaterThan", "s3:max-keys", "10", "implicitDeny"),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b", "c"], "allowed"),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["a"], "implicitDeny"),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["a"], "allowed"),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["c"], "implicitDeny"),
        ("Null", "aws:TagKeys", False, "allowed"),
        ("Null", "aws:PrincipalTag/team", "true", "allowed"),
        ("StringEqualsIfExists", "aws:PrincipalTag/team", "shop", "allowed"),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", "allowed"),
        ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", "implicitDeny"),
        ("DateLessThan", "aws:CurrentTime", "2026-12-31T00:00:00Z", "allowed"),
        ("Bool", "aws:SecureTransport", True, "allowed"),
        ("ArnLike", "aws:SourceArn", "arn:aws:eks:*:111122223333:cluster/*", "allowed"),
    ],
)
def test_conditions(operator: str, key: str, wanted: Any, decision: str) -> None:
    context = {
        "aws:SourceIp": ["10.1.2.3"],
        "aws:CurrentTime": ["2026-11-21T06:30:00Z"],
        "aws:SecureTransport": ["true"],
        "aws:SourceArn": ["arn:aws:eks:us-east-1:111122223333:cluster/shop"],
    }
    judgement = _judge({"Condition": {operator: {key: wanted}}}, **context)

    assert (judgement.decision, judgement.missing) == (decision, ())


def test_every_missing_key_is_named_once() -> None:
    conditions = {"StringEquals": {"a:one": "x", "a:two": "y"}, "StringLike": {"a:one": "*"}}

    assert _judge({"Condition": conditions}) == Judgement(decision="implicitDeny", missing=("a:one", "a:two"))


def test_a_missing_key_fulfils_a_condition_that_asks_for_a_difference() -> None:
    judgement = _judge({"Effect": "Deny", "Condition": {"StringNotEquals": {"a:one": "x"}}})

    assert judgement == Judgement(decision="explicitDeny", matched=("p",), missing=("a:one",))


def test_a_variable_without_a_value_matches_nothing() -> None:
    judgement = _judge({"Resource": "arn:aws:ec2:*:*:volume/${aws:PrincipalTag/team}*"})

    assert judgement == Judgement(decision="implicitDeny", missing=("aws:PrincipalTag/team",))


def test_keys_of_statements_for_other_actions_are_not_missing() -> None:
    judgement = _judge({"Action": "ec2:CreateTags", "Condition": {"StringEquals": {"a:one": "x"}}})

    assert judgement == Judgement(decision="implicitDeny")


def test_a_deny_in_any_policy_decides() -> None:
    allow = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    deny = {"Statement": [{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]}

    assert judge({"a": allow, "d": deny}, "ec2:AttachVolume", VOLUME, {}) == Judgement(
        decision="explicitDeny", matched=("d",)
    )


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*", "a/b:c", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
        ("", "a", False),
    ],
)
def test_wildcards(pattern: str, text: str, matches: bool) -> None:
    assert like(pattern, text) is matches
