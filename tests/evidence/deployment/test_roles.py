from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runbook.evidence.deployment.roles import FunctionRole, Passing, function_role, role_passing
from runbook.model import Seen
from runbook.recording import Answer
from tests.given.deployment import (
    AUTOMATION,
    CLOUDFORMATION_ROLE,
    FUNCTION_ROLE,
    deployment,
    to_cloudformation,
    to_lambda,
)
from tests.given.ports import ABSENT, Table, provided

ALLOWED = {"EvaluationResults": [{"EvalActionName": "iam:PassRole", "EvalDecision": "allowed"}]}


def judged(**result: Any) -> dict[str, Any]:
    return {"EvaluationResults": [{"EvalDecision": "implicitDeny", **result}]}


def passing(answer: Any | Callable[..., Any]) -> Seen[Passing]:
    found: Seen[Passing] = provided(
        role_passing, Table({"iam:SimulatePrincipalPolicy": answer}), deployment=deployment()
    )
    return found


def for_lambda(answer: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda parameters: answer if parameters["PolicySourceArn"] == CLOUDFORMATION_ROLE else ALLOWED


def test_what_the_simulator_is_asked() -> None:
    table = Table({"iam:SimulatePrincipalPolicy": ALLOWED})
    found = provided(role_passing, table, deployment=deployment())
    assert found == Seen((to_cloudformation(), to_lambda()))
    told = [
        (
            p["PolicySourceArn"],
            p["ActionNames"],
            p["ResourceArns"],
            p["ContextEntries"][0]["ContextKeyValues"],
        )
        for p in (request.parameters for request in table.asked)
    ]
    assert told == [
        (AUTOMATION, ["iam:PassRole"], [CLOUDFORMATION_ROLE], ["cloudformation.amazonaws.com"]),
        (CLOUDFORMATION_ROLE, ["iam:PassRole"], [FUNCTION_ROLE], ["lambda.amazonaws.com"]),
    ]


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        (judged(), "denied"),
        (judged(EvalDecision="explicitDeny"), "ruled out"),
        (
            judged(PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": False}),
            "ruled out",
        ),
        (ABSENT, "no such role"),
    ],
)
def test_decisions(answer: Any, decision: Any) -> None:
    found = passing(for_lambda(answer))
    assert (found.items[1].decision, found.items[1].by.exists) == (decision, decision != "no such role")
    assert found.items[0] == to_cloudformation()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            judged(MissingContextValues=["aws:SourceVpc"]),
            "it depends on aws:SourceVpc, which IAM's simulator was not given",
        ),
        ({"EvaluationResults": []}, "IAM's simulator did not answer about iam:PassRole"),
        (Answer(outcome="refused", message="not you"), "not you"),
    ],
)
def test_what_cannot_be_known_of_one_hides_nothing_of_the_other(answer: Any, reason: str) -> None:
    found = passing(for_lambda(answer))
    assert (found.items, [gap.reason for gap in found.gaps]) == ((to_cloudformation(),), [reason])


def trusting(*statements: Any) -> FunctionRole:
    body = {"Arn": FUNCTION_ROLE, "AssumeRolePolicyDocument": {"Statement": [*statements]}}
    found: FunctionRole = provided(
        function_role, Table({"iam:GetRole": {"Role": body}}), deployment=deployment()
    )
    return found


def allow(principal: Any, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("statement", "trusts"),
    [
        (allow({"Service": "lambda.amazonaws.com"}), True),
        (allow({"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]}), True),
        (allow("*"), True),
        (allow({"Service": "ec2.amazonaws.com"}), False),
        (allow({"AWS": "arn:aws:iam::111122223333:root"}), False),
        (allow({"Service": "lambda.amazonaws.com"}, "Deny"), False),
    ],
)
def test_whom_the_role_trusts(statement: dict[str, Any], trusts: bool) -> None:
    assert trusting(statement).trusts_lambda is trusts


@pytest.mark.parametrize(
    "answer",
    [ABSENT, {"Role": {"Arn": "arn:aws:iam::111122223333:role/team/eks-runbook-function-us-east-1"}}],
)
def test_a_role_of_the_same_name_is_another(answer: Any) -> None:
    found = provided(function_role, Table({"iam:GetRole": answer}), deployment=deployment())
    assert (found.resource.exists, found.trusts_lambda) == (False, False)
