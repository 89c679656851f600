"""Who is calling: each access key belongs to a principal of the embedded account."""

from __future__ import annotations

import contextvars
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from runbook.local.aws.account import Account
from runbook.local.aws.trust import refuse_unassumable

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: AWS's own example keys: those of the on-call user.
USER_KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller. `role` is the ARN of the role whose policies bind it; empty for the user, who may do all."""

    arn: str
    role: str = ""


_KEY = re.compile(r"Credential=([A-Z0-9]+)/")
_TEMPORARY = "ASIA"
_caller: contextvars.ContextVar[Principal] = contextvars.ContextVar("caller")


def caller() -> Principal:
    """The principal whose request is being answered."""
    return _caller.get()


def become(account: Account, environ: WSGIEnvironment) -> bool:
    """Find out by its access key whose request this is; False where no session has this temporary key."""
    found = _KEY.search(environ.get("HTTP_AUTHORIZATION") or unquote(environ.get("QUERY_STRING", "")))
    principal = owner(account, found[1] if found else "")
    if principal is not None:
        _caller.set(principal)
    return principal is not None


def owner(account: Account, key: str) -> Principal | None:
    """Whose an access key is: any that is not temporary is the on-call user's. A session never expires."""
    if key.startswith(_TEMPORARY):
        return account.principals.get(key)
    return Principal(arn=account.principal)


def secret(key: str) -> str | None:
    """The secret key of a session or of the on-call user's own key; None for any other, which may be any."""
    if key.startswith(_TEMPORARY):
        return hashlib.sha256(f"secret of {key}".encode()).hexdigest()[:40]
    return USER_KEYS["AWS_SECRET_ACCESS_KEY"] if key == USER_KEYS["AWS_ACCESS_KEY_ID"] else None


def credentials(
    account: Account, *, role: str, session: str, assumed_by: str = "", source: str = ""
) -> dict[str, str]:
    """Temporary keys of a role, as sts:AssumeRole returns them.

    `assumed_by` is the service that assumes it (`ssm.amazonaws.com`), on behalf of the resource `source`.
    Raises that service's AwsError where the role is not there or does not trust it; without it nothing is
    asked.
    """
    if assumed_by:
        refuse_unassumable(account, role, assumed_by, source)
    name = role.rpartition("/")[2]
    digest = hashlib.sha256(f"{role} {session}".encode()).hexdigest()
    key = _TEMPORARY + digest[:16].upper()
    arn = f"arn:{account.partition}:sts::{account.id}:assumed-role/{name}/{session}"
    account.principals[key] = Principal(arn=arn, role=role)
    return {
        "AccessKeyId": key,
        "SecretAccessKey": secret(key) or "",
        "SessionToken": f"session-{digest[40:]}",
    }


def client(
    account: Account, service: str, *, role: str, session: str, assumed_by: str = "", source: str = ""
) -> Any:
    """A boto3 client that acts as a role, at the account's own address.

    Raises AwsError: see `credentials`.
    """
    import boto3

    keys = credentials(account, role=role, session=session, assumed_by=assumed_by, source=source)
    return boto3.client(  # type: ignore[call-overload]  # the stubs want a literal
        service,
        region_name=account.region,
        endpoint_url=account.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
