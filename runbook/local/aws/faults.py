"""Faults that AWS could show, in the codes and words of each protocol's services."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from runbook.local.aws.moto_wire import AwsError, Call
from runbook.local.aws.principals import caller
from runbook.local.aws.resources import asked_of

if TYPE_CHECKING:
    from runbook.local.aws.account import Account

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
    ("rest-xml", "throttled"): ("SlowDown", "Please reduce your request rate.", 503),
    ("rest-xml", "failed"): ("InternalError", "We encountered an internal error. Please try again.", 500),
    ("rest-xml", "expired"): ("ExpiredToken", "The provided token has expired.", 400),
    ("rest-xml", "unknown-key"): (
        "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403,
    ),
    ("rest-json", "throttled"): ("ThrottlingException", "Rate exceeded", 429),
    ("rest-json", "failed"): ("ServerException", "Internal server error.", 500),
    ("rest-json", "expired"): ("ExpiredTokenException", _EXPIRED, 403),
    ("rest-json", "unknown-key"): ("UnrecognizedClientException", _INVALID, 403),
}  # fmt: skip


def suffer(fault: Fault, call: Call, account: Account) -> None:
    """Wait, or raise the AwsError that the fault stands for."""
    if fault.kind == "slow":
        time.sleep(fault.seconds)
    elif fault.kind == "refused":
        action, resource = asked_of(account, call)[0]
        reason = f"because no identity-based policy allows the {action} action"
        raise refused(call, caller().arn, action, resource, reason)
    else:
        raise AwsError(*_ANSWERS[_protocol(call), fault.kind])


def unknown_key(call: Call) -> AwsError:
    """The answer to a key that belongs to nobody."""
    return AwsError(*_ANSWERS[_protocol(call), "unknown-key"])


def refused(call: Call, user: str, action: str, resource: str, because: str) -> AwsError:
    """The answer to a caller who may not, in the words of the call's service."""
    words = f"User: {user} is not authorized to perform: {action}"
    match _protocol(call):
        case "ec2":
            text = f"You are not authorized to perform this operation. {words} {because}"
            return AwsError("UnauthorizedOperation", text, 403)
        case "query":
            named = _named(call, action) or resource
            return AwsError("AccessDenied", f"{words} on resource: {named} {because}", 403)
        case "rest-xml":
            return AwsError("AccessDenied", f'{words} on resource: "{resource}" {because}', 403)
    reason = "" if call.service == "eks" else f" {because}"
    return AwsError("AccessDeniedException", f"{words} on resource: {resource}{reason}", 403)


def _protocol(call: Call) -> str:
    return call.protocol if call.protocol in ("ec2", "query", "rest-xml") else "rest-json"


def _named(call: Call, action: str) -> str:
    """IAM writes `role NAME` where others write an ARN."""
    match call.parameters:
        case _ if call.service != "iam" or action == "iam:PassRole":
            return ""
        case {"RoleName": name}:
            return f"role {name}"
        case {"InstanceProfileName": name}:
            return f"instance profile {name}"
        case {"PolicyArn": arn}:
            return f"policy {arn}"
    return ""
