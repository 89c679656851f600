"""Values in a running document: references filled in, types converted, outputs selected."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any

from jsonpath_ng import JSONPath
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import ExtendedJsonPathParser

from runbook.local.automation.document import Json, Output

UNAVAILABLE = "No output available yet because the step is not successfully executed"
MOST_ITEMS = 100

REFERENCE = re.compile(r"\{\{\s*([A-Za-z0-9_:.\-]+)\s*\}\}")


_PARSER: Any = ExtendedJsonPathParser()


@functools.cache
def _path(selector: str) -> JSONPath:
    path: JSONPath = _PARSER.parse(selector)
    return path


class NoValue(ValueError):
    """A value is missing or of the wrong type; says what and where."""


def references(value: Any) -> set[str]:
    """Every name between double braces in a value, however deep."""
    if isinstance(value, str):
        return set(REFERENCE.findall(value))
    if isinstance(value, dict):
        return set().union(*(references(part) for pair in value.items() for part in pair))
    if isinstance(value, list):
        return set().union(*map(references, value))
    return set()


def filled_in(value: Any, look_up: Callable[[str], Any]) -> Any:
    """A value with its references replaced; a string that is one reference takes the type it refers to."""
    if isinstance(value, dict):
        return {
            filled_in(key, look_up): filled_in(item, look_up)  # keys may hold references, too
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [filled_in(item, look_up) for item in value]
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value.strip())
    if whole:
        return look_up(whole[1])
    return REFERENCE.sub(lambda found: as_text(look_up(found[1])), value)


def as_text(value: Any) -> str:
    """A value inside a text, or as the API shows it."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def as_list(value: Any) -> list[str]:
    """A value as the API shows parameters and outputs: a list of strings."""
    return [as_text(item) for item in value] if isinstance(value, list) else [as_text(value)]


def select(answer: Any, output: Output) -> Any:
    """The value of a step's output. Raises NoValue."""
    return converted(selected(answer, output.selector), output.type, output.name)


def selected(answer: Any, selector: str) -> Any:
    """What a JSONPath finds; a list where it can match several times. Raises NoValue."""
    try:
        found = [match.value for match in _path(selector).find(answer)]
    except (JSONPathError, AttributeError, TypeError) as error:
        raise NoValue(f"{selector} is not a JSONPath that can be applied: {error}") from error
    if any(mark in selector for mark in ("*", "..", "[?", ":")):
        return found
    if not found:
        raise NoValue(f"{selector} selects nothing in the step's answer")
    return found[0]


def converted(value: Any, wanted: str, name: str) -> Any:
    """A value in one of SSM's types, with the conversions that SSM makes. Raises NoValue.

    They are: text to list, number, truth; number and truth to text and list; a list of one to its item.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-outputs-inputs.html
    """
    if wanted.endswith("List") and isinstance(value, list):
        if wanted == "MapList" and not all(isinstance(item, dict) for item in value):
            raise NoValue(f"{name} is not a list of maps")
        return value[:MOST_ITEMS]
    if isinstance(value, list) and len(value) == 1 and wanted != "StringMap":
        value = value[0]
    result = _CONVERSIONS[wanted](value)
    if result is None:
        raise NoValue(f"{name} is of type {type(value).__name__}, which is no {wanted}")
    return result


def _string(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d+", value) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _string_list(value: Any) -> list[str] | None:
    text = _string(value)
    return None if text is None else [text]


def _map(value: Any) -> Json | None:
    return value if isinstance(value, dict) else None


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "String": _string,
    "Integer": _integer,
    "Boolean": _boolean,
    "StringList": _string_list,
    "StringMap": _map,
    "MapList": lambda value: [value] if isinstance(value, dict) else None,
}
TYPES = frozenset(_CONVERSIONS)
