"""What the API server says about itself: versions, groups and resources."""

from __future__ import annotations

import re

from runbook.local.kubernetes.answers import Manifest
from runbook.ports.resources import RESOURCES, ApiResource


def documents(version: str) -> dict[str, Manifest]:
    """Path -> document, for /version, /api, /apis and each group's resources."""
    by_group: dict[str, list[ApiResource]] = {}
    for resource in RESOURCES:
        by_group.setdefault(resource.api_version, []).append(resource)
    groups = [_group(found[0]) for found in by_group.values() if found[0].group]
    return {
        "/version": _version(version),
        "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups},
        **{_prefix(found[0]): _resources(name, found) for name, found in by_group.items()},
    }


def _prefix(resource: ApiResource) -> str:
    return resource.path().rpartition("/")[0]


def _version(version: str) -> Manifest:
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    if not found:
        raise ValueError(f"version: {version!r} is not of the form v1.34.4")
    major, minor = found.groups()
    return {"major": major, "minor": minor, "gitVersion": version, "platform": "linux/amd64"}


def _group(resource: ApiResource) -> Manifest:
    version = {"groupVersion": resource.api_version, "version": resource.version}
    return {"name": resource.group, "versions": [version], "preferredVersion": version}


def _resources(api_version: str, resources: list[ApiResource]) -> Manifest:
    rows = [_row(found.plural, found, ["get", "list"]) for found in resources]
    rows += [_row("pods/log", found, ["get"]) for found in resources if found.kind == "Pod"]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": rows}


def _row(name: str, resource: ApiResource, verbs: list[str]) -> Manifest:
    return {
        "name": name,
        "singularName": resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": verbs,
    }
