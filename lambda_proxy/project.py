"""Cutting objects down to the fields that somebody reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

_ABSENT = object()


def project(value: Any, fields: Iterable[str]) -> Any:
    """`value` with nothing but `fields`: dotted paths, through lists element by element.

    A path that ends on a sub-tree keeps it whole; what is missing or null is simply absent.
    """
    kept = _below(_without_null(value), tuple(fields))
    return {} if kept is _ABSENT else kept


def _without_null(value: Any) -> Any:
    """JSON's null is to Kubernetes the same as not being there."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value if item is not None]
    return value


def covers(have: Iterable[str], want: Iterable[str]) -> bool:
    """True if each path of `want` equals or lies below one of `have`."""
    held = set(have)
    return all(any(path in held for path in _above(wanted)) for wanted in want)


def _above(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _below(value: Any, paths: Sequence[str]) -> Any:
    if isinstance(value, list):
        return [kept for item in value if (kept := _below(item, paths)) is not _ABSENT]
    if not isinstance(value, dict):
        return _ABSENT
    wanted: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        wanted.setdefault(head, []).append(rest)
    projected = {
        key: item if "" in wanted[key] else _below(item, wanted[key])
        for key, item in value.items()
        if key in wanted
    }
    return {key: item for key, item in projected.items() if item is not _ABSENT}
