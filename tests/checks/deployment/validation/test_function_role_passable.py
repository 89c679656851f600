from __future__ import annotations

from runbook.checks.deployment.validation.function_role_passable import function_role_passable
from runbook.evidence.deployment.roles import Passing
from runbook.model import Problem, Seen
from tests.given.aftercare import commands
from tests.given.deployment import (
    AUTOMATION,
    CLOUDFORMATION_ROLE,
    FUNCTION_ROLE,
    to_cloudformation,
    to_lambda,
)

LAMBDA_ALLOWED = (
    f"aws iam simulate-principal-policy --policy-source-arn {CLOUDFORMATION_ROLE} --action-names iam:PassRole "
    f"--resource-arns {FUNCTION_ROLE} --context-entries "
    "ContextKeyName=iam:PassedToService,ContextKeyValues=lambda.amazonaws.com,ContextKeyType=string "
    "--query 'EvaluationResults[0].EvalDecision' --output text"
)


def judge(*passings: Passing) -> list[Problem]:
    return list(function_role_passable(Seen(passings)))


def test_both_may_pass() -> None:
    assert judge(to_cloudformation(), to_lambda()) == []


def test_cloudformation_may_not() -> None:
    (problem,) = judge(to_cloudformation(), to_lambda("denied"))
    assert problem.resource.name == "eks-runbook-cloudformation-us-east-1"
    assert problem.summary == (
        "role eks-runbook-cloudformation-us-east-1 may not pass role eks-runbook-function-us-east-1 to Lambda: it "
        "lacks iam:PassRole for it"
    )
    assert problem.fix[0].text == (
        "Allow exactly this, or name role eks-runbook-function-us-east-1 in lambdaRoles of cdk.json and deploy "
        "again"
    )
    assert commands(problem) == [
        "aws iam put-role-policy --role-name eks-runbook-cloudformation-us-east-1 "
        "--policy-name pass-eks-runbook-function-us-east-1 --policy-document "
        '\'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:PassRole", "Resource": '
        f'"{FUNCTION_ROLE}", "Condition": {{"StringEquals": {{"iam:PassedToService": '
        '"lambda.amazonaws.com"}}}]}\'',
        LAMBDA_ALLOWED,
    ]


def test_the_steps_may_not() -> None:
    (problem,) = judge(to_cloudformation("denied"), to_lambda())
    assert problem.summary == (
        "role eks-runbook-automation-us-east-1 may not pass role eks-runbook-cloudformation-us-east-1 to "
        "CloudFormation: it lacks iam:PassRole for it"
    )
    assert problem.fix[0].text == "Allow exactly this"
    assert f'"Resource": "{CLOUDFORMATION_ROLE}"' in commands(problem)[0]
    assert f"--policy-source-arn {AUTOMATION}" in commands(problem)[1]


def test_what_no_further_policy_mends() -> None:
    (problem,) = judge(to_lambda("ruled out"))
    assert problem.summary == (
        "role eks-runbook-cloudformation-us-east-1 is forbidden to pass role eks-runbook-function-us-east-1 to "
        "Lambda (iam:PassRole): an explicit Deny, a permissions boundary or the organization rules it out"
    )
    assert commands(problem) == [
        "aws iam get-role --role-name eks-runbook-cloudformation-us-east-1",
        LAMBDA_ALLOWED,
    ]


def test_a_role_that_is_not_there() -> None:
    (problem,) = judge(to_lambda("no such role"))
    assert problem.summary == (
        "role eks-runbook-cloudformation-us-east-1, which should pass role eks-runbook-function-us-east-1 to "
        "Lambda, does not exist"
    )
    assert commands(problem) == [
        """aws iam list-roles --query 'Roles[?starts_with(RoleName, '"'"'eks-runbook-'"'"')].Arn'"""
    ]
