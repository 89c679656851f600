"""Label selectors as lists and kubectl take them."""

from __future__ import annotations

from typing import Any


def selector_text(selector: dict[str, Any]) -> str:
    """A workload's `spec.selector` as text: `app=a,tier in (web)`."""
    equal = [f"{key}={value}" for key, value in sorted(selector.get("matchLabels", {}).items())]
    return ",".join([*equal, *(_requirement(one) for one in selector.get("matchExpressions", ()))])


def _requirement(expression: dict[str, Any]) -> str:
    key, values = expression["key"], f"({','.join(expression.get('values', ()))})"
    operator = expression["operator"]
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    return f"{key} {operator.lower()} {values}"
