"""What each role may do, as Markdown for docs/permissions.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runbook.deployment import bucket_name, role_name
from runbook.documents import documents
from runbook.iam.grants import Grant, statement
from runbook.iam.roles import Role, roles, with_key

_WORDS = {
    "partition": ("aws",),
    "region": ("REGION",),
    "account": ("ACCOUNT",),
    "suffix": ("amazonaws.com",),
    "bucket": (bucket_name("ACCOUNT", "REGION"),),
    "runbook": tuple(one.name for one in documents()),
    "codeBucket": ("ASSETS",),
    "functionKey": ("FUNCTION.zip",),
    "key": ("KEY",),
    **{f"{name}Role": (f"arn:aws:iam::ACCOUNT:role/{role_name(name, 'REGION')}",) for name in roles()},
}


def role_lines() -> Iterator[str]:
    """A section for each role."""
    for role in roles().values():
        yield from _role(role)


def _role(role: Role) -> Iterator[str]:
    yield f"### {role_name(role.purpose, 'REGION')}"
    yield ""
    yield role.what + (f" Only {role.service}.amazonaws.com may assume it." if role.service else "")
    yield ""
    yield "| may | on | why, and when |"
    yield "| --- | --- | --- |"
    for grant in with_key(role):
        yield _row(grant)
    yield ""


def _row(grant: Grant) -> str:
    told = statement(grant, _WORDS)
    may = "not: " if grant.effect == "Deny" else ""
    conditions = [
        _condition(operator, key, value)
        for operator, keys in told.get("Condition", {}).items()
        for key, value in keys.items()
    ]
    if grant.sid == "UseKey":
        conditions.append("only where cdk.json names a reportKmsKey")
    why = "<br>".join(filter(None, (grant.why, *conditions)))
    return f"| {may}{_codes(told['Action'])} | {_codes(told['Resource'])} | {why} |"


def _condition(operator: str, key: str, value: Any) -> str:
    if operator == "Null":
        return f"only with `{key}`"
    return f"only when `{key}` is {_codes(value if isinstance(value, list) else [value])}"


def _codes(values: list[str]) -> str:
    return "<br>".join(f"`{one}`" for one in values)
