"""Who is calling: each access key belongs to a principal of the embedded account."""

from __future__ import annotations

import contextvars
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from runbook.local.aws.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller. `role` is the ARN of the role whose policies bind it; empty for the user, who may do all."""

    arn: str
    role: str = ""


_KEY = re.compile(r"Credential=([A-Z0-9]+)/")
_caller: contextvars.ContextVar[Principal] = contextvars.ContextVar("caller")


def caller() -> Principal:
    """The principal whose request is being answered."""
    return _caller.get()


def become(account: Account, environ: WSGIEnvironment) -> None:
    """Find out by its access key whose request this is."""
    found = _KEY.search(environ.get("HTTP_AUTHORIZATION") or unquote(environ.get("QUERY_STRING", "")))
    known = account.principals.get(found[1]) if found else None
    _caller.set(known or Principal(arn=account.principal))


def credentials(account: Account, *, role: str, session: str) -> dict[str, str]:
    """Temporary keys of a role, as sts:AssumeRole returns them."""
    name = role.rpartition("/")[2]
    digest = hashlib.sha256(f"{role} {session}".encode()).hexdigest()
    key = "ASIA" + digest[:16].upper()
    arn = f"arn:{account.partition}:sts::{account.id}:assumed-role/{name}/{session}"
    account.principals[key] = Principal(arn=arn, role=role)
    return {"AccessKeyId": key, "SecretAccessKey": digest[:40], "SessionToken": f"session-{digest[40:]}"}


def client(account: Account, service: str, *, role: str, session: str) -> Any:
    """A boto3 client that acts as a role, at the account's own address."""
    import boto3

    keys = credentials(account, role=role, session=session)
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=account.region,
        endpoint_url=account.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
