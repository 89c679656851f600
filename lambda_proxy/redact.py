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

from lambda_proxy.patterns import PATTERNS

REDACTED = "[redacted]"

KEPT_ENV = frozenset(
    {
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_ENDPOINT",
        "AWS_REGION",
        "AWS_ROLE_ARN",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "CSI_ENDPOINT",
        "CSI_NODE_NAME",
    }
)
KEPT_ANNOTATIONS = frozenset(
    {
        "deployment.kubernetes.io/revision",
        "eks.amazonaws.com/audience",
        "eks.amazonaws.com/role-arn",
        "eks.amazonaws.com/sts-regional-endpoints",
        "eks.amazonaws.com/token-expiration",
        "kubectl.kubernetes.io/restartedAt",
        "storageclass.beta.kubernetes.io/is-default-class",
        "storageclass.kubernetes.io/is-default-class",
        "volume.beta.kubernetes.io/storage-provisioner",
        "volume.kubernetes.io/selected-node",
        "volume.kubernetes.io/storage-provisioner",
        "volumes.kubernetes.io/controller-managed-attach-detach",
    }
)
KEPT_ANNOTATION_PREFIXES = ("pv.kubernetes.io/",)
# These say where a value comes from, not what it is: "secret not found" cannot be told without them.
_KEPT_SOURCES = ("fieldRef", "resourceFieldRef", "secretKeyRef", "configMapKeyRef")

_CONTENT_KEYS = ("data", "binaryData", "stringData")
_NAMED_VALUES = frozenset({"env", "environment", "httpheaders"})
_SECRET_KEYS = frozenset(
    {
        "accesstoken",
        "apikey",
        "authorization",
        "authorizationtoken",
        "bearertoken",
        "clientkeydata",
        "clientsecret",
        "idtoken",
        "passwd",
        "password",
        "passworddata",
        "privatekey",
        "privatekeymaterial",
        "pwd",
        "refreshtoken",
        "secret",
        "secretaccesskey",
        "secretbinary",
        "secretkey",
        "secretstring",
        "securitytoken",
        "sessiontoken",
        "token",
    }
)
_FLAG = re.compile(
    r"--?(?:[\w.-]*[_.-])?(?:password|passwd|pwd|token|secret|(?:api|access)-?key)", re.IGNORECASE
)


def redact_text(text: str) -> str:
    """`text` with `[redacted:NAME]` wherever a pattern finds a secret; a second time changes nothing."""
    lowered = text.lower()
    for pattern in PATTERNS:
        if any(hint in lowered for hint in pattern.hints):
            text = pattern.regex.sub(pattern.replacement, text)
    return text


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
    if normal in _NAMED_VALUES and isinstance(item, list | dict):
        return _environment(item)
    if normal == "userdata":
        return _user_data(item)
    if normal in _SECRET_KEYS and item and isinstance(item, str | int | float | bytes) and item is not True:
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
            kept[key] = {source: redact(item[source]) for source in _KEPT_SOURCES if source in item}
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
