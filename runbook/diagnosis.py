"""From findings to their relations: causes, consequences, and the verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from runbook.documents import Document
from runbook.graph import Graph, explain
from runbook.model import SEVERITIES, Finding, Resource
from runbook.registry import Check, Registry

Verdict = Literal["healthy", "faulty", "inconclusive"]

EMPTY_GRAPH = Graph(links={}, edges={})


class Asked(Protocol):
    """What a family's `asked` evidence tells."""

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The starts of the chain."""

    @property
    def driver(self) -> tuple[Resource, ...]:
        """What serves them, part of every question."""

    @property
    def state(self) -> str:
        """A clause that begins the sentence."""

    @property
    def suffering(self) -> bool:
        """Whether something that was asked about is not well."""


@dataclass(frozen=True, kw_only=True)  # no slots: relations are worked out once, hundreds of pods may wait
class Diagnosis:
    """Findings in their relations. `asked` is None when it could not be learned what was asked about."""

    document: Document
    registry: Registry
    findings: tuple[Finding, ...]
    graph: Graph
    asked: Asked | None
    caused_by: dict[str, tuple[str, ...]]
    validation: tuple[Finding, ...] = ()
    """What a deployed run found before it deployed anything; none of it is a cause."""

    def check(self, finding: Finding) -> Check:
        """The check that a finding came from."""
        return self.registry.checks[finding.check]

    @cached_property
    def obstacles(self) -> tuple[Finding, ...]:
        """What stopped the run before it looked at the cluster, worst first."""
        found = (f for f in self.validation if f.failed and self.check(f).kind == "obstacle")
        return tuple(sorted(found, key=lambda f: (rank(self.check(f)), f.id)))

    @cached_property
    def failures(self) -> tuple[Finding, ...]:
        """All problems."""
        return tuple(finding for finding in self.findings if finding.failed)

    @cached_property
    def roots(self) -> tuple[Finding, ...]:
        """Causes that nothing seen has produced."""
        causes = (f for f in self.failures if self.check(f).kind == "cause")
        return tuple(f for f in causes if not self.caused_by[f.id])

    @cached_property
    def starts(self) -> tuple[Resource, ...]:
        """Where the chain begins."""
        return (*self.asked.resources, *self.asked.driver) if self.asked else ()

    @cached_property
    def causes(self) -> tuple[Finding, ...]:
        """Those on the chains of what was asked about, worst first."""
        found = self.on_chain(self.roots)
        return tuple(sorted(found, key=lambda f: (rank(self.check(f)), -len(self.consequences(f)), f.id)))

    def on_chain(self, findings: Iterable[Finding]) -> list[Finding]:
        """Those about something that what was asked about depends on."""
        # Without a graph nothing can be told apart, and a fault must not be lost.
        return [
            f for f in findings if f.problem and (f.problem.resource in self._reach or not self.graph.links)
        ]

    def consequences(self, cause: Finding) -> tuple[Finding, ...]:
        """What a cause produced."""
        return tuple(self._by_cause[cause.id])

    @cached_property
    def _by_cause(self) -> defaultdict[str, list[Finding]]:
        found: defaultdict[str, list[Finding]] = defaultdict(list)
        for finding in self.failures:
            for cause in self.caused_by[finding.id]:
                found[cause].append(finding)
        return found

    @cached_property
    def _reach(self) -> Set[Resource]:
        return self.graph.reach(*self.starts)

    @cached_property
    def unexplained(self) -> tuple[Finding, ...]:
        """Symptoms that no cause produced, those nearest to the root first."""
        roots = {f.id for f in self.roots}
        symptoms = (f for f in self.on_chain(self.failures) if self.check(f).kind == "symptom")
        left = [f for f in symptoms if roots.isdisjoint(self.caused_by[f.id])]
        return tuple(sorted(left, key=lambda f: (len(self.caused_by[f.id]), rank(self.check(f)), f.id)))

    @cached_property
    def seen_working(self) -> bool:
        """Whether the checks that are the proof of it pass, those apart that do not apply."""
        status = {f.check: f.status for f in self.findings if f.check in self.document.proof}
        told = [status.get(check) for check in self.document.proof]
        return self.asked is not None and "PASS" in told and set(told) <= {"PASS", "SKIPPED"}

    @cached_property
    def verdict(self) -> Verdict:
        """Faulty with a cause, healthy when seen working and no symptom is left over, else inconclusive."""
        if self.causes:
            return "faulty"
        return "healthy" if self.seen_working and not self.unexplained else "inconclusive"

    @cached_property
    def also_seen(self) -> tuple[Finding, ...]:
        """Problems that neither are a cause of what was asked about nor follow from one."""
        told = {cause.id for cause in self.causes}
        if self.verdict == "inconclusive":
            told |= {f.id for f in self.unexplained}
        return tuple(f for f in self.failures if f.id not in told and told.isdisjoint(self.caused_by[f.id]))


def diagnose(
    document: Document,
    registry: Registry,
    findings: Sequence[Finding],
    graph: Graph,
    asked: Asked | None,
    validation: Sequence[Finding] = (),
) -> Diagnosis:
    """Relate the findings: causes follow resources."""
    caused_by = explain((finding for finding in findings if finding.failed), graph, registry)
    return Diagnosis(
        document=document,
        registry=registry,
        findings=tuple(findings),
        graph=graph,
        asked=asked,
        caused_by=caused_by,
        validation=tuple(validation),
    )


def rank(check: Check) -> int:
    """The place of its severity, worst first."""
    return SEVERITIES.index(check.severity)
