"""STS: who is calling, and the sessions of roles. moto would answer with principals of its own."""

from __future__ import annotations

import datetime as dt
import re

from runbook.local.aws import iam
from runbook.local.aws.account import Account, Operation
from runbook.local.aws.authorization import ruling
from runbook.local.aws.moto_wire import AwsError, Json, not_embedded
from runbook.local.aws.principals import Principal, caller, credentials
from runbook.local.aws.trust import decision

_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+")
_SHORTEST, _USUAL = 900, 3600


def get_caller_identity(account: Account, _parameters: Json) -> Json:
    who = caller()
    return {"UserId": _user_id(account, who), "Account": account.id, "Arn": who.arn}


def _user_id(account: Account, who: Principal) -> str:
    if not who.role:
        return "AIDACKCEVSQ6C2EXAMPLE"
    return f"{iam.role_of(account, who.role)['RoleId']}:{who.arn.rpartition('/')[2]}"


def assume_role(account: Account, parameters: Json) -> Json:
    """A session of a role, if its trust policy and the caller's own policies allow it."""
    arn, session = parameters["RoleArn"], parameters["RoleSessionName"]
    if not _ROLE.fullmatch(arn):
        raise AwsError("ValidationError", f"{arn} is invalid")
    for key in ("Policy", "PolicyArns", "Tags", "SourceIdentity"):
        if key in parameters:
            raise not_embedded("sts:AssumeRole", f"{key} is not known to it.")
    role = _trusting(account, arn, parameters)
    seconds = _duration(role, parameters)
    keys = credentials(account, role=role["Arn"], session=session)
    # Clients compare it with the clock of this machine, whatever time the story takes place at.
    expiration = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(seconds=seconds)
    return {
        "Credentials": {**keys, "Expiration": expiration},
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role['RoleId']}:{session}",
            "Arn": account.principals[keys["AccessKeyId"]].arn,
        },
    }


def _trusting(account: Account, arn: str, parameters: Json) -> Json:
    """The role, if it trusts the caller. Refused in the same words when it is not there."""
    who = caller()
    refused = AwsError(
        "AccessDenied",
        f"User: {who.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}",
        403,
    )
    try:
        role = iam.role_of(account, arn)
    except AwsError as error:
        raise refused from error
    context = {
        "sts:RoleSessionName": [parameters["RoleSessionName"]],
        "aws:PrincipalArn": [who.role or who.arn],
        "aws:PrincipalAccount": [account.id],
    }
    if external := parameters.get("ExternalId"):
        context["sts:ExternalId"] = [external]
    # Named itself, a caller needs nothing more; where the account is named, its own policies decide too.
    own = _own_policies(account, who, arn, context)
    named = decision(role, "AWS", {who.arn, who.role or who.arn}, context)
    whole = decision(role, "AWS", {account.id, f"arn:{account.partition}:iam::{account.id}:root"}, context)
    decisions = (named, whole, own)
    if "explicitDeny" in decisions or not (named == "allowed" or whole == own == "allowed"):
        raise refused
    return role


def _own_policies(account: Account, who: Principal, arn: str, context: dict[str, list[str]]) -> str:
    if not who.role:
        return "allowed"
    return ruling(account, who.role, "sts:AssumeRole", arn, context).decision


def _duration(role: Json, parameters: Json) -> int:
    seconds = int(parameters.get("DurationSeconds", _USUAL))
    if seconds < _SHORTEST:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy"
            f" constraint: Member must have value greater than or equal to {_SHORTEST}",
        )
    if seconds > int(role.get("MaxSessionDuration", _USUAL)):
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return seconds


OPERATIONS: dict[str, Operation] = {"AssumeRole": assume_role, "GetCallerIdentity": get_caller_identity}
