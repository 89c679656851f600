"""What a diagnosis says to its reader: the one sentence, and the chain that leads to the break."""

from __future__ import annotations

from typing import Any, Literal

from runbook.diagnosis import Asked, Diagnosis, rank
from runbook.model import Finding, Resource
from runbook.wording import count


def sentence(diagnosis: Diagnosis, cluster: str) -> str:
    """Subject, cause and mechanism in one sentence that stands alone."""
    if diagnosis.obstacles:
        return _stopped_sentence(diagnosis, cluster)
    state = diagnosis.asked.state if diagnosis.asked else "what was asked about could not be read"
    match diagnosis.verdict:
        case "healthy":
            unchecked = _unchecked(diagnosis)
            return f"{state}, and this runbook sees no fault{f', but {unchecked}' if unchecked else ''}."
        case "faulty":
            return _faulty_sentence(diagnosis, state)
        case "inconclusive":
            return _inconclusive_sentence(diagnosis, state)


def _stopped_sentence(diagnosis: Diagnosis, cluster: str) -> str:
    first, *others = diagnosis.obstacles
    more = f" ({len(others)} more below)" if others else ""
    return f"nothing was looked at in cluster {cluster}, because {first.summary}{more}."


def _faulty_sentence(diagnosis: Diagnosis, state: str) -> str:
    cause = diagnosis.causes[0]
    more = f" ({len(diagnosis.causes) - 1} more below)" if len(diagnosis.causes) > 1 else ""
    if diagnosis.asked is None:
        return f"{state}; at fault is: {cause.summary}{more}."
    if not diagnosis.asked.suffering:
        return f"{state}; nothing suffers from it yet, but {cause.summary}{more}."
    explaining = next((c for c in diagnosis.causes if _explains(diagnosis, c, diagnosis.asked)), None)
    if explaining is None:
        return f"{state}, which nothing seen explains; also at fault: {cause.summary}{more}."
    return f"{state} because {explaining.summary}{more}."


def _explains(diagnosis: Diagnosis, cause: Finding, asked: Asked) -> bool:
    """Whether what was asked about, or a pod of it, suffers from this cause."""
    pods = (r for one in asked.resources for r in diagnosis.graph.edges.get(one, ()) if r.kind == "Pod")
    own = {*asked.resources, *pods}
    told = (cause, *diagnosis.consequences(cause))
    return any(f.problem is not None and f.problem.resource in own for f in told)


def _inconclusive_sentence(diagnosis: Diagnosis, state: str) -> str:
    unchecked = _unchecked(diagnosis)
    if diagnosis.unexplained:
        sign = diagnosis.unexplained[0].summary
        # Of an absent thing the sign is the state itself, with more words.
        told = [f"{sign}, and nothing seen tells why"] if sign.startswith(state) else [
            f"{state}, and no cause was seen", f"the nearest sign is that {sign}",
        ]  # fmt: skip
        return "; ".join(filter(None, [*told, unchecked])) + "."
    return f"{state}, and could not be seen working: {unchecked or 'nothing that could be looked at tells'}."


def _unchecked(diagnosis: Diagnosis) -> str:
    """How much could not be looked at, as a clause; empty when everything could."""
    unknown = [f for f in diagnosis.findings if f.status in ("UNKNOWN", "ERROR")]
    return f"{len(unknown)} of {len(diagnosis.findings)} checks could not be made" if unknown else ""


def chain(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """The way from what was asked about to the break, and what stands well beside it."""
    graph = diagnosis.graph
    broken: dict[Resource, list[Finding]] = {}
    for finding in diagnosis.failures:
        if finding.problem and diagnosis.check(finding).kind != "advisory":
            broken.setdefault(finding.problem.resource, []).append(finding)
    starts = diagnosis.asked.resources if diagnosis.asked and diagnosis.asked.resources else diagnosis.starts
    reached = graph.reach(*starts)
    starts = (*starts, *(r for r in diagnosis.starts if r in broken and r not in reached))
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
    causes = {cause.id for cause in diagnosis.causes} if findings else set()
    ordered = sorted(findings, key=lambda f: (f.id not in causes, rank(diagnosis.check(f)), f.id))
    status: Literal["ok", "unknown", "broken", "cause"] = "broken" if findings else link.status
    says = link.says
    if ordered and ordered[0].id in causes:
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


def tally(findings: list[Finding]) -> str:
    """`5 checks, 1 problem, 2 not checked`."""
    checks = len({finding.check for finding in findings})
    problems = sum(finding.failed for finding in findings)
    unknown = sum(finding.status in ("UNKNOWN", "ERROR") for finding in findings)
    parts = [count(checks, "check")]
    if problems:
        parts.append(count(problems, "problem"))
    if unknown:
        parts.append(f"{unknown} not checked")
    return ", ".join(parts)
