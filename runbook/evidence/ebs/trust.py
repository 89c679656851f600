"""A role's trust policy, as far as it decides who may come with a web identity token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_ACTION = "sts:AssumeRoleWithWebIdentity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One line of a condition block: operator, key and the values it allows."""

    operator: str
    key: str
    values: tuple[str, ...]

    def holds(self, value: str) -> bool | None:
        """Whether a token with this value passes; None where we do not know the operator."""
        name = (
            self.operator.removesuffix("IfExists").removeprefix("ForAnyValue:").removeprefix("ForAllValues:")
        )
        match name:
            case "StringEquals":
                return value in self.values
            case "StringEqualsIgnoreCase":
                return value.lower() in {v.lower() for v in self.values}
            case "StringNotEquals":
                return value not in self.values
            case "StringLike":
                return any(_like(pattern, value) for pattern in self.values)
            case "StringNotLike":
                return not any(_like(pattern, value) for pattern in self.values)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement about sts:AssumeRoleWithWebIdentity."""

    effect: str
    federated: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def trusts(self, provider_arn: str) -> bool:
        """Whether its principal is this provider."""
        return provider_arn in self.federated or "*" in self.federated

    def on(self, key: str) -> tuple[Condition, ...]:
        """Its conditions on one key; IAM compares keys without regard to case."""
        return tuple(c for c in self.conditions if c.key.lower() == key.lower())


def statements(policy: dict[str, Any]) -> Iterator[Statement]:
    """The statements of a trust policy that speak of web identities."""
    for item in _list(policy.get("Statement")):
        if not any(_like(action.lower(), _ACTION.lower()) for action in _list(item.get("Action"))):
            continue
        principal = item.get("Principal", {})
        yield Statement(
            effect=item.get("Effect", ""),
            federated=("*",) if principal == "*" else tuple(_list(principal.get("Federated"))),
            conditions=tuple(_conditions(item.get("Condition", {}))),
        )


def _conditions(block: dict[str, Any]) -> Iterable[Condition]:
    for operator, keys in sorted(block.items()):
        for key, values in sorted(keys.items()):
            yield Condition(operator=operator, key=key, values=tuple(str(v) for v in _list(values)))


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _like(pattern: str, value: str) -> bool:
    """IAM's wildcards: * for any characters, ? for one."""
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a statement does not let the token in."""

    claim: str
    """"audience", "subject" or "provider"."""
    found: tuple[str, ...]
    operator: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The token that the controller's pods present to STS."""

    provider_arn: str
    issuer: str
    audience: str
    subject: str


def faults(statement: Statement, token: Token) -> tuple[Fault, ...]:
    """What in an Allow statement does not fit the token, empty when it lets it in."""
    found: list[Fault] = []
    if not statement.trusts(token.provider_arn):
        found.append(Fault(claim="provider", found=statement.federated))
    for condition in statement.conditions:
        claim = {"aud": "audience", "sub": "subject"}.get(condition.key.rpartition(":")[2].lower())
        if claim is None:
            continue
        value = token.audience if claim == "audience" else token.subject
        ours = condition.key.rpartition(":")[0].lower() == token.issuer.lower()
        # A key of another issuer is not in the token at all, so that nothing equals it.
        if not ours and not condition.operator.endswith("IfExists"):
            found.append(Fault(claim="provider", found=(condition.key,), key=condition.key))
        elif ours and condition.holds(value) is False:
            found.append(
                Fault(claim=claim, found=condition.values, operator=condition.operator, key=condition.key)
            )
    return tuple(found)


def unjudged(statement: Statement) -> tuple[str, ...]:
    """Condition keys and operators that this project cannot judge."""
    return tuple(
        f"{c.operator} {c.key}"
        for c in statement.conditions
        if c.key.rpartition(":")[2].lower() not in ("aud", "sub") or c.holds("") is None
    )
