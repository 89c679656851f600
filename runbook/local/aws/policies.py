"""IAM's policy language: whether a statement applies to a request, and which context it lacked.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Context = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a set of policies says of one action on one resource.

    `missing` are the condition keys on which the judgement depended and that were not given; `matched` the
    names of the policies whose statements decided.
    """

    decision: str
    matched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class _Request:
    action: str
    resource: str
    context: dict[str, Sequence[str]]
    missing: list[str] = field(default_factory=list)

    def values(self, key: str) -> Sequence[str] | None:
        found = self.context.get(key.lower())
        if found is None and key not in self.missing:
            self.missing.append(key)
        return found


def judge(policies: Mapping[str, Json], action: str, resource: str, context: Context) -> Judgement:
    """`policies` are documents by name. One explicit deny outweighs every allow."""
    request = _Request(action, resource, {key.lower(): values for key, values in context.items()})
    matched: dict[str, list[str]] = {"Allow": [], "Deny": []}
    for name, document in policies.items():
        for statement in _listed(document["Statement"]):
            if _applies(statement, request):
                matched[statement["Effect"]].append(name)
    decision = "explicitDeny" if matched["Deny"] else "allowed" if matched["Allow"] else "implicitDeny"
    deciding = tuple(matched["Deny"] or matched["Allow"])
    return Judgement(decision=decision, matched=deciding, missing=tuple(request.missing))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _applies(statement: Json, request: _Request) -> bool:
    return (
        _named(statement, "Action", request, lambda pattern: like(pattern.lower(), request.action.lower()))
        and _named(statement, "Resource", request, lambda pattern: like(pattern, request.resource))
        and _meets(statement.get("Condition", {}), request)
    )


def _named(statement: Json, element: str, request: _Request, matches: Callable[[str], bool]) -> bool:
    """Whether `Action` (or `NotAction`), `Resource` (or `NotResource`) of a statement fits."""
    negated = f"Not{element}" in statement
    patterns = _listed(statement.get(f"Not{element}" if negated else element, []))
    filled = [text for pattern in patterns if (text := _fill(pattern, request)) is not None]
    return any(map(matches, filled)) != negated


def _fill(pattern: str, request: _Request) -> str | None:
    """Put the request's context in place of policy variables; None where it lacks one."""
    for variable in re.findall(r"\$\{([^}*?$]+)\}", pattern):
        values = request.values(variable)
        if not values:
            return None
        pattern = pattern.replace(f"${{{variable}}}", values[0])
    return pattern


def like(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` any characters, also `/` and `:`, `?` one."""
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _meets(conditions: Json, request: _Request) -> bool:
    # All are judged, though one would do: every key that is missing shall be named.
    met = [_holds(operator, key, wanted, request) for operator, key, wanted in _each(conditions)]
    return all(met)


def _each(conditions: Json) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in conditions.items():
        for key, wanted in keys.items():
            yield operator, key, [_text(one) for one in _listed(wanted)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(operator: str, key: str, wanted: list[str], request: _Request) -> bool:
    quantifier, _, rest = operator.rpartition(":")
    name = rest.removesuffix("IfExists")
    if name == "Null":
        return (key.lower() not in request.context) == (wanted == ["true"])
    if rest.endswith("IfExists") and key.lower() not in request.context:
        return True
    given = request.values(key)
    if given is None:
        # The guide: an absent key fails a condition, and fulfils one that asks for a difference.
        return "Not" in name or quantifier == "ForAllValues"
    filled = [text for one in wanted if (text := _fill(one, request)) is not None]
    negated = "Not" in name
    compare = _COMPARE[name.replace("Not", "", 1)]
    hits = [any(compare(one, value) for one in filled) != negated for value in given]
    return all(hits) if quantifier == "ForAllValues" or (negated and not quantifier) else any(hits)


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, given: compare(float(given), float(wanted))


def _date(compare: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, given: compare(given, wanted)


def _in_network(wanted: str, given: str) -> bool:
    return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)


_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
    "StringLike": like,
    "ArnEquals": like,
    "ArnLike": like,
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
    "BinaryEquals": lambda wanted, given: wanted == given,
    "IpAddress": _in_network,
    "NumericEquals": _number(lambda given, wanted: given == wanted),
    "NumericLessThan": _number(lambda given, wanted: given < wanted),
    "NumericLessThanEquals": _number(lambda given, wanted: given <= wanted),
    "NumericGreaterThan": _number(lambda given, wanted: given > wanted),
    "NumericGreaterThanEquals": _number(lambda given, wanted: given >= wanted),
    "DateEquals": _date(lambda given, wanted: given == wanted),
    "DateLessThan": _date(lambda given, wanted: given < wanted),
    "DateLessThanEquals": _date(lambda given, wanted: given <= wanted),
    "DateGreaterThan": _date(lambda given, wanted: given > wanted),
    "DateGreaterThanEquals": _date(lambda given, wanted: given >= wanted),
}
