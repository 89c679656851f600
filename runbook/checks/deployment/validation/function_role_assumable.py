"""The role that the function works with."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import command, policy
from runbook.evidence.deployment.roles import LAMBDA, FunctionRole
from runbook.model import Fix, Problem
from runbook.registry import check


@check(
    severity="critical",
    kind="obstacle",
    about="Role",
    docs="https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
)
def function_role_assumable(function_role: FunctionRole) -> Iterator[Problem]:
    """The function's role exists, and Lambda may assume it.

    Lambda makes no function with a role that does not trust it.
    """
    role = function_role.resource
    if not role.exists:
        yield Problem(
            resource=role,
            summary=f"role {role.arn}, meant for the run's temporary function, does not exist",
            fix=(_find(),),
        )
    elif not function_role.trusts_lambda:
        yield Problem(
            resource=role,
            summary=f"role {role.name}, meant for the run's temporary function, does not trust {LAMBDA}",
            fix=(_trust(role.name), _find()),
        )


def _find() -> Fix:
    query = f"Roles[?contains(to_string(AssumeRolePolicyDocument), '{LAMBDA}')].Arn"
    return Fix(
        text="Or start without LambdaRoleArn, so that the function works with the deployment's own role, or "
        "name another role that trusts Lambda",
        command=command("aws", "iam", "list-roles", "--query", query),
    )


def _trust(name: str) -> Fix:
    statement = {"Effect": "Allow", "Principal": {"Service": LAMBDA}, "Action": "sts:AssumeRole"}
    return Fix(
        text="Let Lambda, and nobody else, assume it; whoever assumes it now loses it",
        command=command(
            "aws", "iam", "update-assume-role-policy", "--role-name", name,
            "--policy-document", policy(statement),
        ),
        destructive=True,
    )  # fmt: skip
