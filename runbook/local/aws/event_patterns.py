"""Event patterns of EventBridge, and what a target is given of an event.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from runbook.local.aws.moto_wire import Json

_ABSENT = object()
_FILTERS: dict[str, Callable[[Any, Any], bool]] = {
    "exists": lambda wanted, value: (value is not _ABSENT) == wanted,
    "prefix": lambda wanted, value: isinstance(value, str) and value.startswith(wanted),
    "suffix": lambda wanted, value: isinstance(value, str) and value.endswith(wanted),
    "equals-ignore-case": lambda wanted, value: isinstance(value, str) and value.lower() == wanted.lower(),
    "anything-but": lambda wanted, value: value is not _ABSENT and not _among(wanted, value),
}


def unknown_filters(pattern: Json) -> Iterator[str]:
    """Kinds of comparison in a pattern that are not known here."""
    for key, wanted in pattern.items():
        if key.startswith("$"):
            yield key
        elif isinstance(wanted, dict):
            yield from unknown_filters(wanted)
        else:
            filters = (name for one in wanted if isinstance(one, dict) for name in one)
            yield from (name for name in filters if name not in _FILTERS)


def matches(pattern: Json, event: Json) -> bool:
    """Whether an event has every field of the pattern, with one of its values."""
    return all(_fits(wanted, event.get(key, _ABSENT)) for key, wanted in pattern.items())


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(value, dict) and matches(wanted, value)
    values = value if isinstance(value, list) else [value]
    return any(_is(one, given) for one in wanted for given in values or [_ABSENT])


def _is(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict):
        return all(_FILTERS[name](argument, value) for name, argument in wanted.items())
    return bool(wanted == value)


def _among(wanted: Any, value: Any) -> bool:
    return any(_is(one, value) for one in (wanted if isinstance(wanted, list) else [wanted]))


def input_of(target: Json, event: Json, rule: Json) -> str:
    """The text that a target is given."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(at(event, target["InputPath"]))
    if transformer := target.get("InputTransformer"):
        paths = transformer.get("InputPathsMap", {})
        values = {name: at(event, path) for name, path in paths.items()} | {
            "aws.events.rule-arn": rule["Arn"],
            "aws.events.rule-name": rule["Name"],
            "aws.events.event.json": event,
        }
        return _transformed(transformer["InputTemplate"], values)
    return json.dumps(event)


def at(event: Json, path: str) -> Any:
    """What is at `$.detail.items[0]`; None where nothing is."""
    found: Any = event
    for step in re.findall(r"[^.\[\]$]+", path):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return found


def _transformed(template: str, values: Json) -> str:
    """A template with <names> replaced: as JSON, but within a text as text."""

    def within(text: re.Match[str]) -> str:
        return re.sub(r"<([\w.-]+)>", lambda name: json.dumps(_as_text(values.get(name[1])))[1:-1], text[0])

    literal = re.compile(r'"(?:[^"\\]|\\.)*"')
    parts, start = [], 0
    for found in literal.finditer(template):
        parts += [_as_json(template[start : found.start()], values), within(found)]
        start = found.end()
    return "".join([*parts, _as_json(template[start:], values)])


def _as_json(text: str, values: Json) -> str:
    return re.sub(r"<([\w.-]+)>", lambda name: json.dumps(values.get(name[1])), text)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)
