"""STS: who is calling. moto would answer with a principal of its own."""

from __future__ import annotations

from runbook.local.aws.account import Account, Operation
from runbook.local.aws.moto_wire import Json
from runbook.local.aws.principals import caller


def get_caller_identity(account: Account, _parameters: Json) -> Json:
    return {"UserId": "AIDACKCEVSQ6C2EXAMPLE", "Account": account.id, "Arn": caller().arn}


OPERATIONS: dict[str, Operation] = {"GetCallerIdentity": get_caller_identity}
