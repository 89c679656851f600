"""From findings to a report: causes, verdict, the one sentence, the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Findings in their relations. `asked` is None when it could not be learned what was asked about."""

    document: Document
    registry: Registry
    findings: tuple[Finding, ...]
    graph: Graph
    asked: Asked | None
    caused_by: dict[str, tuple[str, ...]]
    causes: tuple[Finding, ...]
    """On the chains of what was asked about, worst first."""
    verdict: Verdict

    def check(self, finding: Finding) -> Check:
        """The check that a finding came from."""
        return self.registry.checks[finding.check]

    @property
    def failures(self) -> tuple[Finding, ...]:
        """All problems."""
        return tuple(finding for finding in self.findings if finding.failed)

    def consequences(self, cause: Finding) -> tuple[Finding, ...]:
        """What a cause produced."""
        return tuple(f for f in self.failures if cause.id in self.caused_by[f.id])

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        """Symptoms that no cause produced, those nearest to the root first."""
        roots = {f.id for f in self.failures if self.check(f).kind == "cause" and not self.caused_by[f.id]}
        left = [
            f
            for f in self.failures
            if self.check(f).kind == "symptom" and not roots.intersection(self.caused_by[f.id])
        ]
        return tuple(sorted(left, key=lambda f: (len(self.caused_by[f.id]), _rank(self.check(f)), f.id)))

    @property
    def also_seen(self) -> tuple[Finding, ...]:
        """Problems that neither are a cause of what was asked about nor follow from one."""
        told = {cause.id for cause in self.causes}
        if self.verdict == "inconclusive":
            told |= {f.id for f in self.unexplained}
        return tuple(f for f in self.failures if f.id not in told and told.isdisjoint(self.caused_by[f.id]))

    @property
    def starts(self) -> tuple[Resource, ...]:
        """Where the chain begins."""
        if self.asked is None:
            return ()
        return (*self.asked.resources, *self.asked.driver)


def diagnose(
    document: Document, registry: Registry, findings: Sequence[Finding], graph: Graph, asked: Asked | None
) -> Diagnosis:
    """Relate the findings and settle the verdict (design: causes follow resources)."""
    failures = [finding for finding in findings if finding.failed]
    caused_by = explain(failures, graph, registry)
    starts = (*asked.resources, *asked.driver) if asked else ()
    reach = graph.reach(*starts)
    roots = [f for f in failures if registry.checks[f.check].kind == "cause" and not caused_by[f.id]]
    on_chain = [f for f in roots if f.problem and (f.problem.resource in reach or not graph.links)]
    consequences = {f.id: sum(f.id in by for by in caused_by.values()) for f in on_chain}
    causes = sorted(on_chain, key=lambda f: (_rank(registry.checks[f.check]), -consequences[f.id], f.id))
    return Diagnosis(
        document=document,
        registry=registry,
        findings=tuple(findings),
        graph=graph,
        asked=asked,
        caused_by=caused_by,
        causes=tuple(causes),
        verdict=_verdict(document, registry, findings, causes, asked),
    )


def _verdict(
    document: Document,
    registry: Registry,
    findings: Sequence[Finding],
    causes: Sequence[Finding],
    asked: Asked | None,
) -> Verdict:
    if causes:
        return "faulty"
    status = {finding.check: finding.status for finding in findings if finding.check in document.proof}
    seen_working = (
        asked is not None
        and "PASS" in status.values()
        and all(status.get(check) in ("PASS", "SKIPPED") for check in document.proof)
    )
    symptoms = [f for f in findings if f.failed and registry.checks[f.check].kind == "symptom"]
    return "healthy" if seen_working and not symptoms else "inconclusive"


def sentence(diagnosis: Diagnosis) -> str:
    """Subject, cause and mechanism in one sentence that stands alone."""
    state = diagnosis.asked.state if diagnosis.asked else "what was asked about could not be read"
    match diagnosis.verdict:
        case "healthy":
            return f"{state}, and this runbook sees no fault."
        case "faulty":
            return _faulty_sentence(diagnosis, state)
        case "inconclusive":
            return _inconclusive_sentence(diagnosis, state)


def _faulty_sentence(diagnosis: Diagnosis, state: str) -> str:
    cause = diagnosis.causes[0]
    more = f" ({len(diagnosis.causes) - 1} more below)" if len(diagnosis.causes) > 1 else ""
    if diagnosis.asked is None or not diagnosis.asked.suffering:
        return f"{state}; nothing suffers from it yet, but {cause.summary}{more}."
    explaining = next((c for c in diagnosis.causes if _explains(diagnosis, c, diagnosis.asked)), None)
    if explaining is None:
        return f"{state}, which nothing seen explains; also at fault: {cause.summary}{more}."
    return f"{state} because {explaining.summary}{more}."


def _explains(diagnosis: Diagnosis, cause: Finding, asked: Asked) -> bool:
    """Whether what was asked about itself suffers from this cause."""
    told = (cause, *diagnosis.consequences(cause))
    return any(f.problem is not None and f.problem.resource in asked.resources for f in told)


def _inconclusive_sentence(diagnosis: Diagnosis, state: str) -> str:
    unknown = [f for f in diagnosis.findings if f.status in ("UNKNOWN", "ERROR")]
    unchecked = f"{len(unknown)} of {len(diagnosis.findings)} checks could not be made" if unknown else ""
    if diagnosis.unexplained:
        sign = diagnosis.unexplained[0].summary
        # Of an absent thing the sign is the state itself, with more words.
        told = [f"{sign}, and nothing seen tells why"] if sign.startswith(state) else [
            f"{state}, and no cause was seen", f"the nearest sign is that {sign}",
        ]  # fmt: skip
        return "; ".join(filter(None, [*told, unchecked])) + "."
    return f"{state}, and could not be seen working: {unchecked or 'nothing that could be looked at tells'}."


def chain(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """The way from what was asked about to the break, and what stands well beside it."""
    graph = diagnosis.graph
    broken: dict[Resource, list[Finding]] = {}
    for finding in diagnosis.failures:
        if finding.problem and diagnosis.check(finding).kind != "advisory":
            broken.setdefault(finding.problem.resource, []).append(finding)
    starts = diagnosis.asked.resources if diagnosis.asked and diagnosis.asked.resources else diagnosis.starts
    leads = {r for r in graph.links if graph.reach(r) & broken.keys()}
    beside = {b for a in leads for b in graph.edges.get(a, ())}
    shown = leads | beside if broken else set(graph.links)
    return [
        _row(diagnosis, resource, broken.get(resource, []), depth)
        for resource, depth in graph.walk(starts)
        if resource in shown
    ]


def _row(diagnosis: Diagnosis, resource: Resource, findings: list[Finding], depth: int) -> dict[str, Any]:
    link = diagnosis.graph.links[resource]
    ordered = sorted(findings, key=lambda f: (f not in diagnosis.causes, _rank(diagnosis.check(f)), f.id))
    status: Literal["ok", "unknown", "broken", "cause"] = "broken" if findings else link.status
    says = link.says
    if ordered and ordered[0] in diagnosis.causes:
        status = "cause"
    briefs = [
        f.problem.brief for f in ordered if f.problem and f.problem.brief and f.problem.brief not in says
    ]
    if status == "cause" and ordered[0].problem:
        says = ordered[0].problem.brief or ordered[0].summary
    elif briefs:
        says = f"{says}: {briefs[0]}"
    return {
        "resource": resource,
        "says": says,
        "status": status,
        "finding": ordered[0].id if ordered else None,
        "depth": depth,
    }


def _rank(check: Check) -> int:
    return SEVERITIES.index(check.severity)
