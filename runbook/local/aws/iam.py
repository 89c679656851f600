"""IAM: moto keeps it; here are AWS's words for what is absent, its managed policies, and the simulator."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from runbook.local.aws.account import Account, Operation
from runbook.local.aws.moto_wire import AwsError, Json
from runbook.local.aws.policies import Judgement, judge

_REWORDED = [
    (r"Role (\S+) not found", r"The role with name \1 cannot be found."),
    (r"Instance profile (\S+) not found", r"Instance Profile \1 cannot be found."),
    (r"Policy (arn:\S+) not found", r"Policy \1 was not found."),
    (r"Policy Document (\S+) not attached to role \S+", r"The role policy with name \1 cannot be found."),
]
_MANAGED = re.compile(r"arn:[^:]+:iam::aws:policy/.+")


def reworded(error: AwsError, parameters: Json) -> AwsError:
    """An error of moto's in AWS's own words, where these are known to differ."""
    match error.message, parameters:
        case "Policy version not found", {"PolicyArn": arn, "VersionId": version}:
            words = f"Policy {arn} version {version} does not exist or is not attachable."
            return AwsError(error.code, words, error.status)
        case "Policy not found", {"PolicyArn": arn}:
            return AwsError(error.code, f"Policy {arn} was not found.", error.status)
    for pattern, words in _REWORDED:
        if match := re.fullmatch(pattern, error.message):
            return AwsError(error.code, match.expand(words), error.status)
    return error


def provide_policies(account: Account, parameters: Json) -> None:
    """AWS's own policies exist in every account; moto is given each when it is first named."""
    for key in ("PolicyArn", "PermissionsBoundary"):
        arn = parameters.get(key)
        if isinstance(arn, str) and _MANAGED.fullmatch(arn):
            account.moto.provide_managed_policy(arn)


def document(text: str) -> Json:
    """A policy as IAM tells it, percent-encoded, as data."""
    parsed: Json = json.loads(unquote(text))
    return parsed


def managed(account: Account, arn: str) -> Json:
    """The document of a managed policy. Raises AwsError."""
    version = account.ask("iam", "GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
    answer = account.ask("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)
    return document(answer["PolicyVersion"]["Document"])


def policies_of(account: Account, role: str) -> dict[str, Json]:
    """The documents of a role's policies, attached and inline, by name. Raises AwsError."""
    attached = account.ask("iam", "ListAttachedRolePolicies", RoleName=role)["AttachedPolicies"]
    inline = account.ask("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]
    found = {policy["PolicyName"]: managed(account, policy["PolicyArn"]) for policy in attached}
    for name in inline:
        text = account.ask("iam", "GetRolePolicy", RoleName=role, PolicyName=name)["PolicyDocument"]
        found[name] = document(text)
    return found


def add_client_id(account: Account, parameters: Json) -> Json:
    """What moto lacks: a provider made anew with one audience more differs in nothing else."""
    arn, client = parameters["OpenIDConnectProviderArn"], parameters["ClientID"]
    provider = account.ask("iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
    clients = [*provider["ClientIDList"], *([] if client in provider["ClientIDList"] else [client])]
    account.ask("iam", "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
    kept = {key: provider[key] for key in ("ThumbprintList", "Tags") if key in provider}
    account.ask(
        "iam", "CreateOpenIDConnectProvider", Url=f"https://{provider['Url']}", ClientIDList=clients, **kept
    )
    return {}


def role_of(account: Account, arn: str) -> Json:
    """A role as iam:GetRole tells it, by its ARN. Raises AwsError: NoSuchEntity, InvalidInput."""
    match = re.fullmatch(rf"arn:{account.partition}:iam::{account.id}:role/(?:.*/)?([^/]+)", arn)
    if match is None:
        raise AwsError("InvalidInput", f"Invalid Entity Arn: {arn}")
    try:
        role: Json = account.ask("iam", "GetRole", RoleName=match[1])["Role"]
    except AwsError as error:
        raise AwsError("NoSuchEntity", f"Entity does not exist: {arn}", 404) from error
    if role["Arn"] != arn:
        raise AwsError("NoSuchEntity", f"Entity does not exist: {arn}", 404)
    return role


def boundary_of(account: Account, role: Json) -> dict[str, Json] | None:
    """The document of a role's permissions boundary by its ARN; None where it has none."""
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {boundary: managed(account, boundary)} if boundary else None


def simulate_principal_policy(account: Account, parameters: Json) -> Json:
    """Judge a role's policies. As in AWS, only the context given exists; `*` is a resource by name."""
    role = role_of(account, parameters["PolicySourceArn"])
    policies = policies_of(account, role["RoleName"])
    bounds = boundary_of(account, role)
    given = parameters.get("PolicyInputList", [])
    policies |= {f"PolicyInputList.{n}": document(text) for n, text in enumerate(given, 1)}
    context = {
        entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in parameters.get("ContextEntries", [])
    }
    resources = parameters.get("ResourceArns") or ["*"]
    results = [
        _evaluation(action, resource, judge(policies, action, resource, context), bounds, context)
        for action in parameters["ActionNames"]
        for resource in resources
    ]
    return {"EvaluationResults": results, "IsTruncated": False}


def _evaluation(
    action: str, resource: str, judgement: Judgement, bounds: dict[str, Json] | None, context: Json
) -> Json:
    decision, missing = judgement.decision, list(judgement.missing)
    result: Json = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "MatchedStatements": [
            {"SourcePolicyId": name, "SourcePolicyType": "IAM Policy"} for name in judgement.matched
        ],
        "MissingContextValues": missing,
    }
    if bounds is not None:
        bound = judge(bounds, action, resource, context)
        within = bound.decision == "allowed"
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": within}
        missing += [key for key in bound.missing if key not in missing]
        if not within and decision == "allowed":
            decision = bound.decision
    result["EvalDecision"] = decision
    if resource != "*":
        result["ResourceSpecificResults"] = [_specific(result)]
    return result


def _specific(result: Json) -> Json:
    specific: dict[str, Any] = {
        "EvalResourceName": result["EvalResourceName"],
        "EvalResourceDecision": result["EvalDecision"],
        "MatchedStatements": result["MatchedStatements"],
        "MissingContextValues": result["MissingContextValues"],
    }
    return specific


OPERATIONS: dict[str, Operation] = {
    "AddClientIDToOpenIDConnectProvider": add_client_id,
    "SimulatePrincipalPolicy": simulate_principal_policy,
}
