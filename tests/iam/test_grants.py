"""How grants become statements."""

from __future__ import annotations

import pytest

from runbook.iam.actions import iam_actions
from runbook.iam.grants import Grant, policy, select

READ = Grant(sid="Read", actions=("s3:Get*",), resources=("arn:aws:s3:::{bucket}/{run}/*",))
LIST = Grant(
    sid="List",
    actions=("s3:List*",),
    resources=("*",),
    conditions={"StringEquals": {"aws:RequestedRegion": ("{region}",)}},
)
SCOPE = {"bucket": ("a", "b"), "run": ("x", "y"), "region": ("us-east-1",)}


def test_operations_that_iam_names_otherwise_are_translated_and_kubernetes_is_left_out() -> None:
    calls = {"lambda:Invoke", "s3:ListObjectsV2", "s3:HeadBucket", "iam:GetRole", "k8s:get pods"}
    assert iam_actions(calls) == ("iam:GetRole", "lambda:InvokeFunction", "s3:ListBucket")


def test_a_resource_is_repeated_for_each_value_of_its_names() -> None:
    assert policy(select(["s3:GetObject", "s3:ListBucket"], (READ, LIST)), SCOPE) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": [
                    "arn:aws:s3:::a/x/*",
                    "arn:aws:s3:::a/y/*",
                    "arn:aws:s3:::b/x/*",
                    "arn:aws:s3:::b/y/*",
                ],
            },
            {
                "Sid": "List",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": ["*"],
                "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
            },
        ],
    }


def test_an_action_without_a_grant_is_told() -> None:
    with pytest.raises(LookupError) as told:
        select(["ec2:DescribeTags"], (READ,))
    assert str(told.value) == (
        "no grant says on which resources ec2:DescribeTags is needed: add it to runbook/iam"
    )


def test_a_grant_that_nothing_needs_is_told() -> None:
    with pytest.raises(LookupError) as told:
        select(["s3:GetObject"], (READ, LIST))
    assert str(told.value) == "nothing declared needs the grants List: remove them"
