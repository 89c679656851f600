"""Who may assume which role, who hands which role to whom, and what the roles lack on purpose."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.iam.roles import roles
from tests.stacks.plain import of_type, role, statements

Resources = dict[str, dict[str, Any]]
ARN = "arn:aws:iam::111122223333:role/eks-runbook-{}-us-east-1"
EXECUTIONS = "arn:aws:ssm:us-east-1:111122223333:automation-execution/*"
STACKS = "arn:aws:cloudformation:us-east-1:111122223333:stack/eks-runbook-*/*"
FUNCTIONS = "arn:aws:lambda:us-east-1:111122223333:function:eks-runbook-*"


def passing(properties: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (role_arn, one["Condition"]["StringEquals"]["iam:PassedToService"])
        for one in statements(properties).values()
        if one["Action"] == ["iam:PassRole"]
        for role_arn in one["Resource"]
    ]


def test_roles_have_the_names_by_which_access_entries_know_them(resources: Resources) -> None:
    assert sorted(one["RoleName"] for one in of_type(resources, "AWS::IAM::Role")) == [
        "eks-runbook-automation-us-east-1",
        "eks-runbook-cloudformation-us-east-1",
        "eks-runbook-events-us-east-1",
        "eks-runbook-function-us-east-1",
        "eks-runbook-sweeper-us-east-1",
    ]


@pytest.mark.parametrize(
    ("purpose", "service", "source"),
    [
        ("automation", "ssm", EXECUTIONS),
        ("sweeper", "ssm", EXECUTIONS),
        ("events", "events", "arn:aws:events:us-east-1:111122223333:rule/eks-runbook-sweep-*"),
        ("cloudformation", "cloudformation", None),
        ("function", "lambda", None),
    ],
)
def test_one_service_assumes_each_role(
    resources: Resources, purpose: str, service: str, source: str | None
) -> None:
    [statement] = role(resources, purpose)["AssumeRolePolicyDocument"]["Statement"]
    condition = {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": source},
    }
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if source else {}),
    }


def test_roles_are_passed_on_from_hand_to_hand_and_to_one_service_each(resources: Resources) -> None:
    [operator] = of_type(resources, "AWS::IAM::ManagedPolicy")
    chain = {name: passing(role(resources, name)) for name in roles() if name != "operator"}
    assert {"operator": passing(operator), **chain} == {
        "operator": [(ARN.format("automation"), "ssm.amazonaws.com")],
        "automation": [(ARN.format("cloudformation"), "cloudformation.amazonaws.com")],
        "cloudformation": [(ARN.format("function"), "lambda.amazonaws.com")],
        "function": [],
        "events": [(ARN.format("sweeper"), "ssm.amazonaws.com")],
        "sweeper": [],
    }


def test_stacks_are_made_with_our_role_and_tagged_or_not_at_all(resources: Resources) -> None:
    found = statements(role(resources, "automation"))
    assert found["DeployProxy"] == {
        "Sid": "DeployProxy",
        "Effect": "Allow",
        "Action": ["cloudformation:CreateStack"],
        "Resource": [STACKS],
        "Condition": {
            "ArnEquals": {"cloudformation:RoleArn": ARN.format("cloudformation")},
            "Null": {"aws:RequestTag/eks-runbook:execution": "false"},
        },
    }


def test_the_sweeper_deletes_nothing_without_our_tag(resources: Resources) -> None:
    assert statements(role(resources, "sweeper"))["DeleteStacksOfRuns"] == {
        "Sid": "DeleteStacksOfRuns",
        "Effect": "Allow",
        "Action": ["cloudformation:DeleteStack"],
        "Resource": [STACKS],
        "Condition": {"Null": {"aws:ResourceTag/eks-runbook:execution": "false"}},
    }


def test_the_functions_own_code_gets_nothing_of_what_lambda_needs_for_it(resources: Resources) -> None:
    found = statements(role(resources, "function"))
    assert found["OwnCodeDoesNot"] == {
        **found["LambdaMakesNetworkInterfaces"],
        "Sid": "OwnCodeDoesNot",
        "Effect": "Deny",
        "Condition": {"ArnLike": {"lambda:SourceFunctionArn": FUNCTIONS}},
    }
    assert found["WriteLogs"]["Resource"] == [
        "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/eks-runbook-proxy:log-stream:*"
    ]
    assert list(found) == ["WriteLogs", "LambdaMakesNetworkInterfaces", "OwnCodeDoesNot"]


def test_cloudformation_cannot_see_network_interfaces_and_so_waits_for_none(resources: Resources) -> None:
    actions = {
        action for one in statements(role(resources, "cloudformation")).values() for action in one["Action"]
    }
    assert "ec2:DescribeNetworkInterfaces" not in actions
    assert not {action for action in actions if "*" in action}


def test_operators_start_our_runbooks_and_read_reports(resources: Resources) -> None:
    [operator] = of_type(resources, "AWS::IAM::ManagedPolicy")
    assert operator["ManagedPolicyName"] == "eks-runbook-operator-us-east-1"
    runbook = "TroubleshootEbsCsiDriversForEks"
    found = {sid: (one["Action"], one["Resource"]) for sid, one in statements(operator).items()}
    bucket = "arn:aws:s3:::eks-runbook-reports-111122223333-us-east-1"
    ssm = "arn:aws:ssm:us-east-1:111122223333"
    assert found == {
        "StartRunbooks": (
            ["ssm:StartAutomationExecution"],
            [f"{ssm}:automation-definition/{runbook}:*", f"{ssm}:document/{runbook}", EXECUTIONS],
        ),
        "PassRole": (["iam:PassRole"], [ARN.format("automation")]),
        "WatchAndStop": (
            [
                "ssm:DescribeAutomationStepExecutions",
                "ssm:GetAutomationExecution",
                "ssm:StopAutomationExecution",
            ],
            [EXECUTIONS],
        ),
        "ListExecutions": (["ssm:DescribeAutomationExecutions", "ssm:ListDocuments"], ["*"]),
        "ReadDocuments": (["ssm:DescribeDocument", "ssm:GetDocument"], [f"{ssm}:document/{runbook}"]),
        "ListReports": (["s3:ListBucket"], [bucket]),
        "ReadReports": (["s3:GetObject"], [f"{bucket}/{runbook}/*"]),
    }
