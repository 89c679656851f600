"""What a path of the Kubernetes API means, for paths in canonical form only."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 1024
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The resource that a path speaks about; what it does not name is empty."""

    group: str
    version: str
    resource: str
    name: str = ""
    subresource: str = ""

    @property
    def is_list(self) -> bool:
        return not self.name

    @property
    def is_log(self) -> bool:
        return (self.group, self.resource, self.subresource) == ("", "pods", "log")


def malformed(path: object) -> str | None:
    """Why `path` is not in canonical form, or None.

    One positive rule instead of a list of tricks: with nothing but plain names between single slashes there
    is no way to write "..", an escape, a query, a host or a second meaning.
    """
    if not isinstance(path, str) or not path.startswith("/"):
        return "it must begin with a slash and name no scheme or host"
    if len(path) > LONGEST:
        return f"it is longer than {LONGEST:,} characters"
    for segment in path[1:].split("/"):
        if not segment:
            return "it has an empty segment"
        if ".." in segment or not _SEGMENT.fullmatch(segment):
            return f"{segment[:80]!r} is not a plain name"
    return None


def parse(path: str) -> Target | None:
    """What a canonical path asks for; None when it is no resource."""
    match path[1:].split("/"):
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            return None
    match rest:
        case ["namespaces", _, resource, *parts]:
            pass
        case [resource, *parts]:
            pass
        case _:
            return None
    if len(parts) > 2:
        return None
    name, subresource = [*parts, "", ""][:2]
    return Target(group=group, version=version, resource=resource, name=name, subresource=subresource)
