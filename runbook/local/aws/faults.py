"""Faults that AWS could show, in the codes and words of each protocol's services."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from runbook.local.aws.account import Account
from runbook.local.aws.moto_wire import AwsError, Call, Json

Kind = Literal["refused", "throttled", "slow", "failed", "expired", "unknown-key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What shall happen to a call. `seconds` belongs to `slow`: the answer comes, but so much later."""

    kind: Kind
    seconds: float = 0


_EXPIRED = "The security token included in the request is expired"
_INVALID = "The security token included in the request is invalid."
_UNKNOWN = "The request processing has failed because of an unknown error, exception or failure."
# Protocol, kind -> code, words, status. JSON services end their codes in "Exception"; EC2 has its own.
_ANSWERS: dict[tuple[str, Kind], tuple[str, str, int]] = {
    ("ec2", "throttled"): ("RequestLimitExceeded", "Request limit exceeded.", 503),
    ("ec2", "failed"): ("InternalError", "An internal error has occurred", 500),
    ("ec2", "expired"): ("RequestExpired", "Request has expired.", 400),
    ("ec2", "unknown-key"): (
        "AuthFailure", "AWS was not able to validate the provided access credentials", 401,
    ),
    ("query", "throttled"): ("Throttling", "Rate exceeded", 400),
    ("query", "failed"): ("InternalFailure", _UNKNOWN, 500),
    ("query", "expired"): ("ExpiredToken", _EXPIRED, 403),
    ("query", "unknown-key"): ("InvalidClientTokenId", _INVALID, 403),
    ("rest-json", "throttled"): ("ThrottlingException", "Rate exceeded", 429),
    ("rest-json", "failed"): ("ServerException", "Internal server error.", 500),
    ("rest-json", "expired"): ("ExpiredTokenException", _EXPIRED, 403),
    ("rest-json", "unknown-key"): ("UnrecognizedClientException", _INVALID, 403),
}  # fmt: skip


def suffer(fault: Fault, call: Call, account: Account) -> None:
    """Wait, or raise the AwsError that the fault stands for."""
    protocol = call.protocol if call.protocol in ("ec2", "query") else "rest-json"
    if fault.kind == "slow":
        time.sleep(fault.seconds)
    elif fault.kind == "refused":
        raise _refused(protocol, call, account)
    else:
        raise AwsError(*_ANSWERS[protocol, fault.kind])


def _refused(protocol: str, call: Call, account: Account) -> AwsError:
    user = f"User: {account.principal} is not authorized to perform: {call.name}"
    reason = f"because no identity-based policy allows the {call.name} action"
    if protocol == "ec2":
        text = f"You are not authorized to perform this operation. {user} {reason}"
        return AwsError("UnauthorizedOperation", text, 403)
    if protocol == "query":
        return AwsError("AccessDenied", f"{user} on resource: {_query_resource(call, account)} {reason}", 403)
    return AwsError("AccessDeniedException", f"{user} on resource: {_eks_resource(call, account)}", 403)


def _query_resource(call: Call, account: Account) -> str:
    """IAM writes `role NAME` where others write an ARN."""
    match call.parameters:
        case {"RoleName": name}:
            return f"role {name}"
        case {"InstanceProfileName": name}:
            return f"instance profile {name}"
        case {"PolicyArn": arn}:
            return f"policy {arn}"
        case {"OpenIDConnectProviderArn": arn} | {"PolicySourceArn": arn}:
            return str(arn)
        case _ if call.operation == "ListOpenIDConnectProviders":
            return f"arn:{account.partition}:iam::{account.id}:oidc-provider/*"
    return "*"


def _eks_resource(call: Call, account: Account) -> str:
    prefix = f"arn:{account.partition}:{call.service}:{call.region}:{account.id}"
    parameters: Json = call.parameters
    match parameters:
        case {"clusterName": cluster, "addonName": addon}:
            return f"{prefix}:addon/{cluster}/{addon}/*"
        case {"clusterName": cluster, "nodegroupName": nodegroup}:
            return f"{prefix}:nodegroup/{cluster}/{nodegroup}/*"
        case {"clusterName": cluster, "associationId": association}:
            return f"{prefix}:podidentityassociation/{cluster}/{association}"
        case {"clusterName": cluster, "principalArn": _}:
            return f"{prefix}:access-entry/{cluster}/*"
        case {"clusterName": cluster} | {"name": cluster}:
            return f"{prefix}:cluster/{cluster}"
    return f"{prefix}:cluster/*" if call.service == "eks" else "*"
