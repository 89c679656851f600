"""What a request asks for, taken from its path and query as the API server's RequestInfo does.

Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runbook.local.kubernetes.answers import Refusal
from runbook.local.kubernetes.selectors import exact_name

VERBS_IN_PATHS = ("proxy", "watch")
NAMESPACE_SUBRESOURCES = ("status", "finalize")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One GET; `resource` is empty for paths such as /version. A list's `name` is its field selector's."""

    path: str
    query: Mapping[str, str]
    verb: str = "get"
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""

    @property
    def combined(self) -> str:
        """The resource as RBAC rules name it, such as `pods/log`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def parse(path: str, query: Mapping[str, str]) -> Asked:
    """Read a path that is already percent-decoded."""
    parts = path.strip("/").split("/")
    least = {"api": 3, "apis": 4}.get(parts[0])
    if least is None or len(parts) < least:
        return Asked(path=path, query=query)
    group = parts[1] if parts[0] == "apis" else ""
    version, *parts = parts[least - 2 :]
    verb = "get"
    if parts[0] in VERBS_IN_PATHS:
        verb, *parts = parts
    namespace = parts[1] if parts[:1] == ["namespaces"] and len(parts) > 1 else ""
    if namespace and len(parts) > 2 and parts[2] not in NAMESPACE_SUBRESOURCES:
        parts = parts[2:]
    resource, name, subresource = (*parts, "", "", "")[:3]
    if verb == "get" and not name:
        verb = "watch" if watches(query) else "list"
        name = _selected_name(query)
    return Asked(
        path=path,
        query=query,
        verb=verb,
        group=group,
        version=version,
        resource=resource,
        subresource=subresource,
        namespace=namespace,
        name=name,
    )


def watches(query: Mapping[str, str]) -> bool:
    """Whether the query asks for a watch: everything but these two values means yes."""
    return query.get("watch", "false").lower() not in ("false", "0")


def _selected_name(query: Mapping[str, str]) -> str:
    # A selector that cannot be read only fails later, once the request is known to be allowed.
    try:
        return exact_name(query.get("fieldSelector", ""))
    except Refusal:
        return ""
