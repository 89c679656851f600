"""Taking secrets out before anything is written or leaves the VPC: by structure first, then by patterns.

By default deny: of container environments, annotations and ConfigMaps only what is named here or by the
caller is kept; Secrets lose their content wherever they turn up.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from lambda_proxy.names import (
    KEPT_ANNOTATION_PREFIXES,
    KEPT_ANNOTATIONS,
    KEPT_ENV,
    KEPT_SOURCES,
    NAMED_VALUES,
    SECRET_KEYS,
)
from lambda_proxy.patterns import PATTERNS

REDACTED = "[redacted]"

_HINTS = sorted({hint for pattern in PATTERNS for hint in pattern.hints})
_SHORT = 200
_CONTENT_KEYS = ("data", "binaryData", "stringData")
_FLAG = re.compile(
    r"--?(?:[\w.-]*[_.-])?(?:password|passwd|pwd|token|secret|(?:api|access)-?key)", re.IGNORECASE
)


def redact_text(text: str) -> str:
    """`text` with `[redacted:NAME]` wherever a pattern finds a secret; a second time changes nothing."""
    return _remembered(text) if len(text) <= _SHORT else _without_secrets(text)


def _without_secrets(text: str) -> str:
    lowered = text.lower()
    hints = [hint for hint in _HINTS if hint in lowered]
    if not hints:
        return text
    for pattern in PATTERNS:
        if not pattern.hints.isdisjoint(hints):
            text = pattern.regex.sub(pattern.replacement, text)
    return text


# The objects of a large cluster say the same few thousand short things over and over.
_remembered = lru_cache(maxsize=16384)(_without_secrets)


def redact(value: Any, *, kind: str = "", data_keys: Collection[str] = ()) -> Any:
    """A copy of a JSON tree without secrets: a Kubernetes object or list, an answer of AWS, or a text.

    `kind` is the kind where the object does not say it itself (items of a list, projected objects).
    `data_keys` are the keys of a ConfigMap's data that are kept.
    """
    match value:
        case str():
            return redact_text(value)
        case list():
            return _list(value, kind, data_keys)
        case dict():
            return _object(value, kind, data_keys)
        case bytes():
            return REDACTED
    return value


def _object(value: dict[str, Any], kind: str, data_keys: Collection[str]) -> dict[str, Any]:
    kind = str(value.get("kind") or kind).removesuffix("List")
    has_content = kind in {"Secret", "ConfigMap"}
    kept: dict[str, Any] = {}
    for key, item in value.items():
        if has_content and key in _CONTENT_KEYS:
            if declared := _declared(item, () if kind == "Secret" else data_keys):
                kept[key] = declared
        elif key == "items":
            kept[key] = redact(item, kind=kind, data_keys=data_keys)
        else:
            kept[key] = _member(key, item)
    return kept


def _declared(content: Any, data_keys: Collection[str]) -> dict[str, Any]:
    if not isinstance(content, dict):
        return {}
    return {key: redact(item) for key, item in content.items() if key in data_keys}


def _member(key: str, item: Any) -> Any:
    normal = _normal(key)
    if normal == "annotations" and isinstance(item, dict):
        return {name: redact(text) for name, text in item.items() if _is_kept_annotation(name)}
    if normal in NAMED_VALUES and isinstance(item, list | dict):
        return _environment(item)
    if normal == "userdata":
        return _user_data(item)
    if normal in SECRET_KEYS and item and isinstance(item, str | int | float | bytes) and item is not True:
        return REDACTED
    return redact(item)


@lru_cache(maxsize=4096)
def _normal(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


def _is_kept_annotation(name: str) -> bool:
    return name in KEPT_ANNOTATIONS or name.startswith(KEPT_ANNOTATION_PREFIXES)


def _list(values: list[Any], kind: str, data_keys: Collection[str]) -> list[Any]:
    """The items; of a command line also the word after a flag such as --password."""
    kept: list[Any] = []
    flagged = False
    for item in values:
        is_value = flagged and isinstance(item, str) and not item.startswith("-")
        kept.append(REDACTED if is_value else redact(item, kind=kind, data_keys=data_keys))
        flagged = isinstance(item, str) and _FLAG.fullmatch(item) is not None
    return kept


def _environment(variables: list[Any] | dict[str, Any]) -> Any:
    """A container's `env`, or a map of names to values (a function's, a chart's)."""
    if isinstance(variables, dict):
        return {name: _value(name, item) for name, item in variables.items()}
    return [_variable(item) if isinstance(item, dict) else REDACTED for item in variables]


def _variable(variable: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, item in variable.items():
        if key == "valueFrom" and isinstance(item, dict):
            kept[key] = {source: redact(item[source]) for source in KEPT_SOURCES if source in item}
        elif key == "name":
            kept[key] = redact(item)
        else:
            kept[key] = _value(variable.get("name"), item)
    return kept


def _value(name: Any, value: Any) -> Any:
    if isinstance(value, dict | list):
        return _environment(value)
    return redact(value) if name in KEPT_ENV or value in ("", None) else REDACTED


def _user_data(value: Any) -> Any:
    """Base64 would hide secrets from the patterns; what is no text inside (compressed) cannot be judged."""
    if isinstance(value, dict):
        return {key: _user_data(item) for key, item in value.items()}
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (TypeError, ValueError):
        return REDACTED
    return base64.b64encode(redact_text(text).encode()).decode()
