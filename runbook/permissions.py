"""What a run may do in a cluster, made from what evidence declares: ClusterRole and allow-list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambda_proxy.core import Allowed, AllowList
from runbook.deployment import PREFIX
from runbook.ports.resources import BY_PLURAL, ApiResource
from runbook.registry import Registry

#: The group of the access entry, to which the ClusterRole is bound.
GROUP = f"{PREFIX}-readers"
_NAME = f"{PREFIX}-reader"


def declared(registry: Registry) -> frozenset[str]:
    """Every call that any evidence declares."""
    return frozenset(call for provider in registry.evidence.values() for call in provider.calls)


def allow_list(calls: Iterable[str]) -> AllowList:
    """What the proxy lets through."""
    return AllowList(
        resources=tuple(
            Allowed(
                group=resource.group,
                version=resource.version,
                resource=resource.plural,
                verbs=tuple(sorted(verbs - {"log"})),
                subresources=("log",) if "log" in verbs else (),
            )
            for resource, verbs in _by_resource(calls)
        ),
        paths=_paths(calls),
    )


def cluster_role(calls: Iterable[str]) -> list[dict[str, Any]]:
    """The ClusterRole and its binding to the access entry's group, as manifests."""
    rules: list[dict[str, Any]] = []
    for resource, verbs in _by_resource(calls):
        if names := sorted(verbs - {"log"}):
            rules.append({"apiGroups": [resource.group], "resources": [resource.plural], "verbs": names})
        if "log" in verbs:
            rules.append(
                {"apiGroups": [resource.group], "resources": [f"{resource.plural}/log"], "verbs": ["get"]}
            )
    if paths := _paths(calls):
        rules.append({"nonResourceURLs": list(paths), "verbs": ["get"]})
    version, metadata = "rbac.authorization.k8s.io/v1", {"name": _NAME}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": GROUP}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": _NAME}
    return [
        {"apiVersion": version, "kind": "ClusterRole", "metadata": metadata, "rules": rules},
        {
            "apiVersion": version,
            "kind": "ClusterRoleBinding",
            "metadata": metadata,
            "roleRef": role,
            "subjects": [subject],
        },
    ]


def _by_resource(calls: Iterable[str]) -> list[tuple[ApiResource, set[str]]]:
    """Resources with the verbs asked of them; "log" stands for reading the subresource."""
    found: dict[str, set[str]] = {}
    for call in calls:
        verb, _, target = call.removeprefix("k8s:").partition(" ")
        if call.startswith("k8s:") and not target.startswith("/"):
            plural, _, subresource = target.partition("/")
            found.setdefault(plural, set()).add(subresource or verb)
    return [(BY_PLURAL[plural], verbs) for plural, verbs in sorted(found.items())]


def _paths(calls: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(call.removeprefix("k8s:get ") for call in calls if call.startswith("k8s:get /")))
