"""Whether the roles of a deployed run may be handed on as the run hands them on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from runbook.evidence.ebs.permissions import SIMULATED, missing_context, ruled_out
from runbook.evidence.ebs.trust import listed
from runbook.model import Deployment, Resource, Seen, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

LAMBDA = "lambda.amazonaws.com"
CLOUDFORMATION = "cloudformation.amazonaws.com"

Decision = Literal["allowed", "denied", "ruled out", "no such role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One role that hands another to a service.

    "denied" means that nothing allows it, "ruled out" that something forbids it, "no such role" that the
    role that should hand on does not exist.
    """

    by: Resource
    role: Resource
    to: str
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRole:
    """The role that the function works with; `trusts_lambda` when Lambda may assume it."""

    resource: Resource
    trusts_lambda: bool = False


def role(arn: str, *, exists: bool = True) -> Resource:
    """A role by its ARN, named without its path."""
    return Resource(kind="Role", name=arn.rpartition("/")[2], arn=arn, exists=exists)


@evidence("iam:SimulatePrincipalPolicy")
async def role_passing(aws: Aws, deployment: Deployment) -> Seen[Passing]:
    """The two hand-overs: the steps' role to CloudFormation, and CloudFormation's to Lambda."""
    handed = (
        (deployment.automation_role, deployment.cloudformation_role, CLOUDFORMATION),
        (deployment.cloudformation_role, deployment.function_role, LAMBDA),
    )
    outcomes = await asyncio.gather(*(_simulate(aws, *one) for one in handed), return_exceptions=True)
    found: list[Passing] = []
    gaps: list[Unavailable] = []
    for outcome in outcomes:
        if isinstance(outcome, Unavailable):
            gaps.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            found.append(outcome)
    return Seen(tuple(found), tuple(gaps))


async def _simulate(aws: Aws, by: str, passed: str, to: str) -> Passing:
    decision = await decide(aws, by, "iam:PassRole", passed, context=("iam:PassedToService", to))
    return Passing(
        by=role(by, exists=decision != "no such role"), role=role(passed), to=to, decision=decision
    )


async def decide(aws: Aws, role: str, action: str, resource: str, *, context: tuple[str, str]) -> Decision:
    """Whether a role (ARN) may do something to a resource (ARN), `context` being a key and its value.

    Asks iam:SimulatePrincipalPolicy. Raises Unavailable where IAM cannot tell.
    """
    key, value = context
    answer = await aws.call(
        "iam:SimulatePrincipalPolicy",
        PolicySourceArn=role,
        ActionNames=[action],
        ResourceArns=[resource],
        ContextEntries=[{"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}],
        fields=tuple(f"EvaluationResults.{field}" for field in SIMULATED),
    )
    return _decision(answer, action)


def _decision(answer: dict[str, Any] | None, action: str) -> Decision:
    if answer is None:
        return "no such role"
    match answer.get("EvaluationResults"):
        case [{"EvalDecision": "allowed"}]:
            return "allowed"
        case [{"EvalDecision": str()} as result]:
            if missing := missing_context(result):
                depends = ", ".join(missing)
                raise Unavailable(f"it depends on {depends}, which IAM's simulator was not given")
            return "ruled out" if ruled_out(result) else "denied"
    raise Unavailable(f"IAM's simulator did not answer about {action}")


@evidence("iam:GetRole")
async def function_role(aws: Aws, deployment: Deployment) -> FunctionRole:
    """The function's role, present or absent."""
    arn = deployment.function_role
    answer = await aws.call(
        "iam:GetRole",
        RoleName=arn.rpartition("/")[2],
        fields=("Role.Arn", "Role.AssumeRolePolicyDocument"),
    )
    found = (answer or {}).get("Role", {})
    if found.get("Arn") != arn:  # IAM looks by name alone: another path or account is another role
        return FunctionRole(resource=role(arn, exists=False))
    statements = listed(found.get("AssumeRolePolicyDocument", {}).get("Statement"))
    return FunctionRole(resource=role(arn), trusts_lambda=any(map(_lets_lambda, statements)))


def _lets_lambda(statement: Any) -> bool:
    match statement:
        case {"Effect": "Allow", "Principal": "*"}:
            return True
        case {"Effect": "Allow", "Principal": {"Service": services}}:
            return LAMBDA in listed(services)
    return False
