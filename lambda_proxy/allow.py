"""What may be asked at all. GET is not harmless by itself: nodes/proxy, pods/exec and watches are GETs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lambda_proxy.messages import Request
from lambda_proxy.paths import Target, malformed, parse

NON_RESOURCE = ("/metrics", "/version", "/livez", "/readyz")
MOST_ITEMS = 100_000
_MOST_NAMES = 200
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,100}(?:\.[A-Za-z0-9_-]{1,100}){0,20}")
_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]{0,200}")

_COUNT = re.compile(r"[1-9][0-9]{0,8}")
_YES_NO = re.compile(r"true|false")
_SELECTOR = re.compile(r"[ -~]{1,2000}")
_LIST_QUERY = {
    "limit": _COUNT,
    "labelSelector": _SELECTOR,
    "fieldSelector": _SELECTOR,
    "resourceVersion": re.compile("0"),
}
_OBJECT_QUERY = {"resourceVersion": re.compile("0")}
_LOG_QUERY = {
    "container": re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"),
    "tailLines": _COUNT,
    "sinceSeconds": _COUNT,
    "limitBytes": _COUNT,
    "previous": _YES_NO,
    "timestamps": _YES_NO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One resource that may be read; `group` is empty for core.

    `names` restricts it to these objects, and then it cannot be listed. `data_keys` are the keys of a
    ConfigMap's data that may be kept; none unless named.
    """

    group: str
    version: str
    resource: str
    verbs: tuple[str, ...] = ("get", "list")
    subresources: tuple[str, ...] = ("log",)
    names: tuple[str, ...] = ()
    data_keys: tuple[str, ...] = ()

    def covers(self, target: Target) -> bool:
        """True if this entry allows `target`."""
        if (self.group, self.version, self.resource) != (target.group, target.version, target.resource):
            return False
        if self.names and target.name not in self.names:
            return False
        if target.subresource:
            return target.is_log and "log" in self.subresources
        return ("list" if target.is_list else "get") in self.verbs


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowList:
    """Everything that may be asked; Secrets and all but four non-resource paths never, whatever it says."""

    resources: tuple[Allowed, ...] = ()
    paths: tuple[str, ...] = ()

    def check(self, request: Any) -> str | None:
        """Why `request` is refused, or None. Takes anything: a request comes from outside."""
        if not isinstance(request, dict):
            return "not allowed: a request is an object"
        path = request.get("path")
        named = f"{path[:200]!r}" if isinstance(path, str) else "the path"
        if wrong := malformed(path):
            return f"{named} is not allowed: {wrong}"
        if wrong := self._forbidden(request["path"]) or _wrong_form(request) or _wrong_query(request):
            return f"{named} is not allowed: {wrong}"
        return None

    def data_keys(self, target: Target) -> frozenset[str]:
        """The keys of a ConfigMap's data that may be kept of `target`."""
        return frozenset(key for entry in self.resources if entry.covers(target) for key in entry.data_keys)

    def _forbidden(self, path: str) -> str | None:
        if path in NON_RESOURCE and path in self.paths:
            return None
        target = parse(path)
        if target is None or path in NON_RESOURCE:
            return "this path is not on the list"
        if target.resource.lower() == "secrets":
            return "Secrets are never read"
        if target.subresource and not target.is_log:
            return f"the subresource {target.subresource!r} is never asked, only log of pods"
        if any(entry.covers(target) for entry in self.resources):
            return None
        verb = "reading its log" if target.is_log else "listing" if target.is_list else "reading"
        return f"{verb} is not on the list for this resource"


def _wrong_form(request: dict[str, Any]) -> str | None:
    if unknown := sorted(str(key)[:80] for key in request.keys() - Request.__annotations__.keys()):
        return f"a request has no {unknown[0]!r}"
    if not isinstance(request.get("metadataOnly", False), bool):
        return "metadataOnly must be true or false"
    cap = request.get("cap", 1)
    if type(cap) is not int or not 1 <= cap <= MOST_ITEMS:
        return f"cap must be a whole number from 1 to {MOST_ITEMS:,}"
    return _wrong_names("fields", request.get("fields", []), _FIELD) or _wrong_names(
        "lines", request.get("lines", []), _METRIC
    )


def _wrong_names(key: str, names: Any, form: re.Pattern[str]) -> str | None:
    if not isinstance(names, list) or len(names) > _MOST_NAMES:
        return f"{key} must be a list of at most {_MOST_NAMES} names"
    for name in names:
        if not isinstance(name, str) or not form.fullmatch(name):
            return f"{str(name)[:80]!r} in {key} is not a name (a map whose keys hold dots is named whole)"
    return None


def _wrong_query(request: dict[str, Any]) -> str | None:
    query: Any = request.get("query", {})
    if not isinstance(query, dict):
        return "query must be an object"
    known = _known_query(request["path"])
    for key, value in query.items():
        if key not in known:
            return f"the query key {str(key)[:80]!r} cannot be used here"
        if not isinstance(value, str) or not known[key].fullmatch(value):
            return f"{str(value)[:80]!r} is no value for {key}"
    return None


def _known_query(path: str) -> dict[str, re.Pattern[str]]:
    target = parse(path)
    if target is None:
        return {}
    if target.is_log:
        return _LOG_QUERY
    return _LIST_QUERY if target.is_list else _OBJECT_QUERY
