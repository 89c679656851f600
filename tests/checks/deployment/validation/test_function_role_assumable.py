from __future__ import annotations

from dataclasses import replace

from runbook.checks.deployment.validation.function_role_assumable import function_role_assumable
from tests.given.aftercare import commands
from tests.given.deployment import FUNCTION_ROLE, function_role

FIND = (
    "aws iam list-roles --query "
    """'Roles[?contains(to_string(AssumeRolePolicyDocument), '"'"'lambda.amazonaws.com'"'"')].Arn'"""
)


def test_a_role_for_lambda() -> None:
    assert list(function_role_assumable(function_role())) == []


def test_one_for_something_else() -> None:
    (problem,) = function_role_assumable(function_role(trusts_lambda=False))
    assert problem.summary == (
        "role eks-runbook-function-us-east-1, meant for the run's temporary function, does not trust "
        "lambda.amazonaws.com"
    )
    assert commands(problem) == [
        "aws iam update-assume-role-policy --role-name eks-runbook-function-us-east-1 --policy-document "
        '\'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": '
        '"lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}\'',
        FIND,
    ]
    assert [step.destructive for step in problem.fix] == [True, False]


def test_none() -> None:
    (problem,) = function_role_assumable(
        function_role(resource=replace(function_role().resource, exists=False), trusts_lambda=False)
    )
    assert problem.summary == f"role {FUNCTION_ROLE}, meant for the run's temporary function, does not exist"
    assert commands(problem) == [FIND]
