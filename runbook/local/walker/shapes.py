"""Parameters and selectors against botocore's shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from jsonpath_ng import Child, Fields, Index, JSONPath, Root
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse

from runbook.local.walker.graph import REFERENCE, resolved

_SCALARS: dict[str, Any] = {
    "blob": b"x",
    "boolean": True,
    "double": 1.0,
    "float": 1.0,
    "integer": 1,
    "long": 1,
    "timestamp": "2026-01-01T00:00:00Z",
}


def filled(value: Any, shape: Shape) -> Any:
    """A value with each reference replaced by something of the type that belongs there."""
    match value, shape:
        case str(), _ if REFERENCE.fullmatch(value):
            return _sample(shape)
        case str(), _:
            return resolved(value)
        case dict(), StructureShape(members=members):
            return {key: filled(one, members[key]) if key in members else one for key, one in value.items()}
        case dict(), MapShape(value=inner):
            return {key: filled(one, inner) for key, one in value.items()}
        case list(), ListShape(member=inner):
            return [filled(one, inner) for one in value]
    return value


def unselectable(selector: str, shape: Shape | None) -> Iterator[str]:
    """What is wrong with a selector; as far as it only names members, they must be in the answer's shape."""
    try:
        _selected(parse(selector), shape)
    except JSONPathError:
        yield f"'{selector}' is no JSONPath"
    except LookupError as error:
        yield f"'{selector}' selects {error.args[0]}, which the answer does not have"


def _sample(shape: Shape) -> Any:
    match shape:
        case ListShape(member=inner):
            return [_sample(inner)]
        case StructureShape(members=members, required_members=required):
            return {name: _sample(members[name]) for name in required}
        case MapShape():
            return {}
    return _SCALARS.get(shape.type_name, "x" * int(shape.metadata.get("min", 1)))


def _selected(path: JSONPath, shape: Shape | None) -> Shape | None:
    """The shape of what is selected, None where it cannot be told; LookupError for an absent member."""
    match path, shape:
        case Child(left=left, right=right), _:
            return _selected(right, _selected(left, shape))
        case Root(), _:
            return shape
        case Fields(fields=[name]), StructureShape(members=members):
            if name not in members:
                raise LookupError(name)
            return members[name]
        case Index(), ListShape(member=inner):
            return inner
        case Fields(), MapShape(value=inner):
            return inner
        case ((Fields() | Index()), Shape()):
            raise LookupError(str(path))
    return None
