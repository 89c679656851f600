"""Causes follow resources: what depends on what, and which problem produced which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from runbook.model import Finding, Resource
from runbook.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A resource as the chain shows it: what state it is in, or that it could not be seen."""

    resource: Resource
    says: str
    status: Literal["ok", "unknown"] = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Links by their resource, edges from the dependent to what it depends on, in telling order."""

    links: dict[Resource, Link]
    edges: dict[Resource, tuple[Resource, ...]]

    def reach(self, *starts: Resource) -> frozenset[Resource]:
        """Everything that `starts` depend on, themselves included."""
        return frozenset(resource for resource, _ in self.walk(starts))

    def walk(self, starts: Iterable[Resource]) -> Iterator[tuple[Resource, int]]:
        """Depth first from `starts`, each resource once, with its depth."""
        seen: set[Resource] = set()
        stack = [(start, 0) for start in reversed([*starts])]
        while stack:
            resource, depth = stack.pop()
            if resource in seen:
                continue
            seen.add(resource)
            yield resource, depth
            stack.extend((next_one, depth + 1) for next_one in reversed(self.edges.get(resource, ())))


class GraphBuilder:
    """Collects links and edges; adding a resource twice keeps the first link."""

    def __init__(self) -> None:
        self._links: dict[Resource, Link] = {}
        self._edges: dict[Resource, list[Resource]] = {}

    def add(
        self, resource: Resource, says: str, *, unknown: bool = False, of: Resource | None = None
    ) -> Resource:
        """Add a link, as a dependency of `of` where given, and return its resource."""
        self._links.setdefault(
            resource, Link(resource=resource, says=says, status="unknown" if unknown else "ok")
        )
        if of is not None:
            self.connect(of, resource)
        return resource

    def connect(self, dependent: Resource, dependency: Resource) -> None:
        """Say that one depends on the other; both must have been added by the end."""
        edges = self._edges.setdefault(dependent, [])
        if dependency not in edges:
            edges.append(dependency)

    def build(self) -> Graph:
        """The graph; edges to what was never added are dropped."""
        known = self._links
        edges = {a: tuple(b for b in bs if b in known) for a, bs in self._edges.items() if a in known}
        return Graph(links=known, edges=edges)


def explain(failures: Iterable[Finding], graph: Graph, registry: Registry) -> dict[str, tuple[str, ...]]:
    """For each failed finding's id the ids of those that produced it.

    B is a consequence of A if and only if A's check is upstream of B's and B's resource depends on A's.
    """
    found = sorted(failures, key=lambda finding: finding.id)
    upstream = {finding.check: registry.upstream(registry.checks[finding.check]) for finding in found}
    reach = {f.problem.resource: graph.reach(f.problem.resource) for f in found if f.problem}
    return {
        b.id: tuple(
            a.id
            for a in found
            if b.problem
            and a.problem
            and a.check in upstream[b.check]
            and a.problem.resource in reach[b.problem.resource]
        )
        for b in found
    }
