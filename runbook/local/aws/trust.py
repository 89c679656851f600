"""Trust policies: who may assume a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from runbook.local.aws import iam
from runbook.local.aws.account import Account
from runbook.local.aws.moto_wire import AwsError, Json
from runbook.local.aws.policies import Context, judge

#: What a service answers when it cannot assume the role that it was given: code and words.
_UNASSUMABLE = {
    "ssm.amazonaws.com": (
        "InvalidAutomationExecutionParametersException",
        "The defined assume role is unable to be assumed.",
    ),
    "cloudformation.amazonaws.com": ("ValidationError", "Role {role} is invalid or cannot be assumed"),
    "lambda.amazonaws.com": (
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    ),
}


def decision(role: Json, kind: Literal["AWS", "Service"], names: Iterable[str], context: Context) -> str:
    """What a role's trust policy (in IAM's answer) says of a caller that is known by these names."""
    known = {*names, "*"}
    statements = [
        {**statement, "Resource": "*"}
        for statement in _listed(iam.document(role["AssumeRolePolicyDocument"])["Statement"])
        if _names(statement.get("Principal", {}), kind) & known
    ]
    return judge({"trust": {"Statement": statements}}, "sts:AssumeRole", "*", context).decision


def _names(principal: Json | str, kind: str) -> set[str]:
    return {"*"} if isinstance(principal, str) else {*_listed(principal.get(kind, []))}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def refuse_unassumable(account: Account, role: str, service: str, source: str) -> None:
    """Raise the AwsError with which a service refuses a role that it cannot assume, or that is not there.

    `source` is the ARN of the resource for which the service acts; a trust policy may ask for it.
    """
    context = {"aws:SourceAccount": [account.id], **({"aws:SourceArn": [source]} if source else {})}
    try:
        if decision(iam.role_of(account, role), "Service", [service], context) == "allowed":
            return
    except AwsError as error:
        if error.code not in ("NoSuchEntity", "InvalidInput"):
            raise
    user = f"User: {service} is not authorized to perform: sts:AssumeRole on resource: {role}"
    code, words = _UNASSUMABLE.get(service, ("AccessDenied", user))
    raise AwsError(code, words.format(role=role))
