"""A role's trust policy, as far as it decides who may come with a web identity token."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal

from runbook.model import Unavailable

_ACTION = "sts:AssumeRoleWithWebIdentity"


def _like(pattern: str, value: str) -> bool:
    """IAM's wildcards: * for any characters, ? for one."""
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
}

Claim = Literal["audience", "subject", "provider", "statement"]
_PROVIDER: Claim = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One line of a condition block: operator, key and the values it allows."""

    operator: str
    key: str
    values: tuple[str, ...]

    def holds(self, value: str | None) -> bool | None:
        """Whether a token with this value (None: without the key) passes; None for an unknown operator.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
        """
        quantifier, _, operator = self.operator.rpartition(":")
        name = operator.removesuffix("IfExists")
        if name == "Null":
            return (value is None) == ("true" in (v.lower() for v in self.values))
        matches = _OPERATORS.get(_NEGATED.get(name, name))
        if matches is None or any("${" in v for v in self.values):
            return None
        if value is None:
            return operator != name or quantifier == "ForAllValues" or name in _NEGATED
        return any(matches(wanted, value) for wanted in self.values) != (name in _NEGATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement about sts:AssumeRoleWithWebIdentity, `index` being its place in the policy."""

    index: int
    effect: str
    federated: tuple[str, ...]
    conditions: tuple[Condition, ...]
    unclear: tuple[str, ...] = ()
    """Elements that this project does not judge."""

    def trusts(self, provider_arn: str) -> bool:
        """Whether its principal is this provider."""
        return provider_arn in self.federated or "*" in self.federated


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a statement does not let the token in: which claim it asks for otherwise, and what it asks.

    "provider" is the identity provider, by principal or by a key that the token does not have;
    "statement" that there is none at all.
    """

    claim: Claim
    found: tuple[str, ...] = ()
    operator: str = ""
    key: str = ""

    @property
    def refuses(self) -> bool:
        """Whether the condition names what is kept out, not what is let in."""
        return "StringNot" in self.operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The token that the controller's pods present to STS."""

    provider_arn: str
    issuer: str
    audience: str
    subject: str

    def value(self, key: str) -> str | None:
        """What a condition key is in it, None where it has no such key; the case of keys does not count."""
        claims = {f"{self.issuer}:aud".lower(): self.audience, f"{self.issuer}:sub".lower(): self.subject}
        return claims.get(key.lower())


def statements(policy: Any) -> Iterator[Statement]:
    """The statements of a trust policy that speak of web identities.

    Raises Unavailable where it is not what IAM's grammar of policies knows.
    """
    if not _understood(policy):
        raise Unavailable("the trust policy has a form that is not understood")
    for index, item in enumerate(listed(policy.get("Statement"))):
        if "NotAction" not in item and not any(
            _like(a.lower(), _ACTION.lower()) for a in listed(item.get("Action"))
        ):
            continue
        yield Statement(
            index=index,
            effect=item.get("Effect", ""),
            federated=tuple(_federated(item.get("Principal", {}))),
            conditions=tuple(_conditions(item.get("Condition", {}))),
            unclear=tuple(element for element in ("NotAction", "NotPrincipal") if element in item),
        )


def faults(statement: Statement, token: Token) -> tuple[Fault, ...]:
    """What in a statement does not fit the token, empty when it does."""
    found: list[Fault] = []
    if not statement.trusts(token.provider_arn) and "NotPrincipal" not in statement.unclear:
        found.append(Fault(claim="provider", found=statement.federated))
    for condition in statement.conditions:
        claim = _claim(condition)
        value = token.value(condition.key)
        if claim is None or condition.holds(value) is not False:
            continue
        # A key of another issuer is not in the token at all, so that nothing equals it.
        told, asks = (claim, condition.values) if value is not None else (_PROVIDER, (condition.key,))
        found.append(Fault(claim=told, found=asks, operator=condition.operator, key=condition.key))
    return tuple(found)


def unjudged(statement: Statement) -> tuple[str, ...]:
    """Elements, condition keys and operators that this project cannot judge."""
    return statement.unclear + tuple(
        f"{c.operator} {c.key}" for c in statement.conditions if _claim(c) is None or c.holds("") is None
    )


def _understood(policy: Any) -> bool:
    found = listed(policy.get("Statement")) if isinstance(policy, dict) else []
    return bool(found) and all(isinstance(one, dict) and _is_statement(one) for one in found)


def _is_statement(body: dict[str, Any]) -> bool:
    principal, block = body.get("Principal", {}), body.get("Condition", {})
    who = principal.values() if isinstance(principal, dict) else [principal]
    keys = block.values() if isinstance(block, dict) else [None]
    return (
        isinstance(body.get("Effect"), str)
        and _are(str, [body.get("Action"), *who])
        and all(isinstance(one, dict) and _are(str | bool | int | float, one.values()) for one in keys)
    )


def _are(kinds: type | UnionType, values: Iterable[Any]) -> bool:
    """Whether these are of such kinds, or lists of them, or left out."""
    return all(isinstance(one, kinds) for value in values for one in listed(value))


def _claim(condition: Condition) -> Literal["audience", "subject"] | None:
    match condition.key.rpartition(":")[2].lower():
        case "aud":
            return "audience"
        case "sub":
            return "subject"
    return None


def _federated(principal: Any) -> list[str]:
    match principal:
        case "*" | {"AWS": "*"} | {"AWS": ["*"]}:
            return ["*"]
        case dict():
            return listed(principal.get("Federated"))
    return []


def _conditions(block: dict[str, Any]) -> Iterable[Condition]:
    for operator, keys in sorted(block.items()):
        for key, values in sorted(keys.items()):
            yield Condition(operator=operator, key=key, values=tuple(str(v) for v in listed(values)))


def listed(value: Any) -> list[Any]:
    """What IAM writes as a list, or as its only item, or leaves out."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
