"""What a role's policies allow, as the walker asks it."""

from __future__ import annotations

import pytest

from runbook.local.walker.permits import permits, role_policies
from tests.documents.small import Json


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, True),
        ({"Effect": "Allow", "Action": ["a:b", "S3:Get*"], "Resource": "arn"}, True),
        ({"Effect": "Allow", "Action": "s3:GetObjectTagging", "Resource": "*"}, False),
        ({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}, False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
    ],
)
def test_permits_by_action(statement: Json, expected: bool) -> None:
    assert permits([{"Statement": statement}])("s3:GetObject") is expected


@pytest.mark.parametrize(
    ("deny", "expected"),
    [
        ({"Action": "s3:*", "Resource": "*"}, False),
        ({"Action": "s3:*", "Resource": ["arn:aws:s3:::other/*"]}, True),
        ({"Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, True),
    ],
)
def test_a_denial_of_everything_outweighs(deny: Json, expected: bool) -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert (
        permits([{"Statement": [allow]}, {"Statement": [{"Effect": "Deny", **deny}]}])("s3:GetObject")
        is expected
    )


def test_the_policies_of_a_role_in_a_template() -> None:
    def policy(action: str) -> Json:
        return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}

    role = {
        "RoleName": {"Fn::Join": ["", ["ours-automation-", {"Ref": "AWS::Region"}]]},
        "Policies": [{"PolicyName": "own", "PolicyDocument": policy("s3:PutObject")}],
        "ManagedPolicyArns": [
            {"Ref": "Named"},
            {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"},
        ],
    }
    template = {
        "Resources": {
            "Ours": {"Type": "AWS::IAM::Role", "Properties": role},
            "Other": {"Type": "AWS::IAM::Role", "Properties": {}},
            "Added": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"Roles": [{"Ref": "Ours"}], "PolicyDocument": policy("eks:DescribeCluster")},
            },
            "Named": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": policy("ec2:DescribeSubnets")},
            },
            "Others": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"Roles": [{"Ref": "Other"}], "PolicyDocument": policy("iam:GetRole")},
            },
        }
    }
    found = role_policies(template, "ours-automation-")
    assert found == [policy("s3:PutObject"), policy("eks:DescribeCluster"), policy("ec2:DescribeSubnets")]
