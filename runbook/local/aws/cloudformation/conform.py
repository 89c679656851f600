"""Values of a template fitted to the shapes of an API: text to numbers and truth values, nothing unknown."""

from __future__ import annotations

import json
from typing import Any


class Misfit(Exception):
    """A value that the API has no place for, in the words of CloudFormation's resource handlers."""


def conform(value: Any, shape: Any, path: str = "#") -> Any:
    """A value for a shape of botocore's. Raises Misfit."""
    match shape.type_name:
        case "structure":
            return _structure(value, shape, path)
        case "list":
            listed = enumerate(_of(value, list, path))
            return [conform(one, shape.member, f"{path}/{n}") for n, one in listed]
        case "map":
            members = _of(value, dict, path).items()
            return {key: conform(one, shape.value, f"{path}/{key}") for key, one in members}
        case "string":
            return _string(value, path)
        case "integer" | "long":
            return _number(value, path, int)
        case "float" | "double":
            return _number(value, path, float)
        case "boolean":
            return _boolean(value, path)
    return value


def _structure(value: Any, shape: Any, path: str) -> Any:
    members = _of(value, dict, path)
    if unknown := [key for key in members if key not in shape.members]:
        raise Misfit(f"{path}: extraneous key [{unknown[0]}] is not permitted")
    return {key: conform(one, shape.members[key], f"{path}/{key}") for key, one in members.items()}


_KINDS = {
    dict: "JSONObject", list: "JSONArray", str: "String", bool: "Boolean", int: "Integer", float: "Number",
}  # fmt: skip


def _misfit(value: Any, path: str, expected: str) -> Misfit:
    return Misfit(f"{path}: expected type: {expected}, found: {_KINDS[type(value)]}")


def _of(value: Any, kind: type, path: str) -> Any:
    if not isinstance(value, kind):
        raise _misfit(value, path, _KINDS[kind].removeprefix("JSON"))
    return value


def _string(value: Any, path: str) -> str:
    if isinstance(value, dict | list):
        raise _misfit(value, path, "String")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any, path: str, kind: type[int] | type[float]) -> int | float:
    expected = "Integer" if kind is int else "Number"
    if isinstance(value, bool | dict | list):
        raise _misfit(value, path, expected)
    try:
        return kind(value)
    except ValueError as error:
        raise _misfit(value, path, expected) from error


def _boolean(value: Any, path: str) -> bool:
    if value not in (True, False, "true", "false"):
        raise _misfit(value, path, "Boolean")
    return value in (True, "true")


def document(value: Any) -> str:
    """A policy or an SSM document as its API wants it: text."""
    return value if isinstance(value, str) else json.dumps(value)
