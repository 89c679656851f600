"""What a template's values refer to, and the order in which its resources can be made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runbook.local.aws.cloudformation.text import invalid
from runbook.local.aws.moto_wire import Json

PSEUDO = (
    "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region",
    "AWS::StackId", "AWS::StackName", "AWS::URLSuffix",
)  # fmt: skip
PLACEHOLDER = re.compile(r"\$\{([^!{}][^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`attribute` is empty for a Ref."""

    name: str
    attribute: str = ""


def references(value: Any) -> Iterator[Reference]:
    """Every Ref, Fn::GetAtt and placeholder of Fn::Sub in a value. Raises AwsError."""
    match value:
        case {"Ref": name, **others} if not others:
            yield Reference(name=_text(name, "Ref"))
        case {"Fn::GetAtt": target, **others} if not others:
            yield _attribute(target)
        case {"Fn::Sub": written, **others} if not others:
            yield from _placeholders(written)
        case dict():
            for one in value.values():
                yield from references(one)
        case list():
            for one in value:
                yield from references(one)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise invalid(f"Template format error: every {where} object must have a single String value.")
    return value


def _attribute(target: Any) -> Reference:
    match target.split(".", 1) if isinstance(target, str) else target:
        case [str(name), str(attribute)]:
            return Reference(name=name, attribute=attribute)
        case [str(name), other]:
            list(references(other))
            raise invalid("Template error: the attribute of every Fn::GetAtt object must be a text here")
    raise invalid(
        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the"
        " resource attribute"
    )


def _placeholders(written: Any) -> Iterator[Reference]:
    own: Mapping[str, Any] = {}
    match written:
        case [str(text), dict(own)]:
            yield from references(own)
        case str(text):
            pass
        case _:
            raise invalid(
                "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments."
                " Specify a string as first argument, and an optional second argument to specify a mapping"
                " of values to replace in the string"
            )
    for name in PLACEHOLDER.findall(text):
        if name not in own:
            target, _, attribute = name.partition(".")
            yield Reference(name=target, attribute=attribute)


def dependencies(resource: Json) -> list[str]:
    """The names that a resource depends on, of parameters too, each once."""
    explicit = resource.get("DependsOn", [])
    found = [explicit] if isinstance(explicit, str) else list(explicit)
    found += [one.name for one in references(resource.get("Properties", {}))]
    return [*dict.fromkeys(found)]


def order(resources: Json) -> list[str]:
    """Logical ids, each after those that it depends on. Raises AwsError for a circle."""
    waiting = {
        logical: {one for one in dependencies(resource) if one in resources}
        for logical, resource in resources.items()
    }
    ordered: list[str] = []
    while waiting:
        free = [logical for logical, needs in waiting.items() if needs <= set(ordered)]
        if not free:
            raise invalid(f"Circular dependency between resources: [{', '.join(_circle(waiting))}]")
        ordered += free
        for logical in free:
            del waiting[logical]
    return ordered


def _circle(waiting: dict[str, set[str]]) -> list[str]:
    """Those that wait for each other, without those that merely wait for them."""
    left = dict(waiting)
    while needless := [one for one in left if not any(one in needs for needs in left.values())]:
        for one in needless:
            del left[one]
    return list(left)
