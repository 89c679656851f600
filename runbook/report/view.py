"""What all forms of a report show, in their order: the templates only lay it out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count as counter
from typing import Any

from runbook.report import words
from runbook.report.chain import Link, links
from runbook.report.sections import Section, sections
from runbook.wording import count

#: How many alike are listed before the rest is only counted.
MANY = 8
#: In a report that tells only why nothing was looked at.
FEW = 2
PLAIN_STEP = {"verifies": False, "destructive": False}
CHAIN_TITLES = {"faulty": "Why", "inconclusive": "What was seen", "healthy": "Seen working"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a remedy; numbers run through all causes, so that "step 4" means one thing."""

    number: int
    text: str
    command: str
    destructive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What mends one cause. `cause` is empty when there is only one."""

    cause: str
    steps: tuple[Step, ...]
    docs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """Checks that could not be made for the same reason; `more` counts titles left out."""

    titles: tuple[str, ...]
    more: int
    reason: str
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A report, ready to be laid out; every string is harmless already."""

    title: str
    place: str
    when: str
    notices: tuple[str, ...]
    verdict: str
    sentence: str
    left_behind: tuple[Step, ...]
    remedies: tuple[Remedy, ...]
    chain_title: str
    chain: tuple[Link, ...]
    unexplained: tuple[str, ...]
    excluded: tuple[str, ...]
    excluded_more: int
    look_next_title: str
    look_next_says: str
    look_next: tuple[Step, ...]
    unchecked: tuple[Unchecked, ...]
    unchecked_count: int
    also_seen: tuple[str, ...]
    sections: tuple[Section, ...]
    recording: str
    replay: str
    questions: str
    parameters: str
    account: str
    execution: str


def view(report: dict[str, Any]) -> View:
    """Lay out a report that `harmless` has been applied to."""
    findings = {finding["id"]: finding for finding in report["findings"]}
    stopped = bool(report["obstacles"])
    # That a run could begin excludes nothing.
    passed = [f["title"] for f in report["findings"] if f["status"] == "PASS" and f["kind"] != "obstacle"]
    excluded = list(dict.fromkeys(passed))
    healthy = report["verdict"] == "healthy"
    return View(
        title=words.runbook_title(report["runbook"]),
        place=_place(report["cluster"]),
        when=_when(report),
        notices=tuple(report["notices"]),
        verdict=report["verdict"],
        sentence=report["sentence"],
        left_behind=_left_behind(report["left_behind"]),
        remedies=_remedies(report, findings),
        chain_title=CHAIN_TITLES[report["verdict"]],
        chain=links(report, findings),
        unexplained=_unexplained(report),
        excluded=tuple(excluded[:MANY]),
        excluded_more=len(excluded[MANY:]),
        look_next_title=_look_next_title(report),
        look_next_says="This runbook sees no reason for trouble. If there is some:" if healthy else "",
        look_next=_steps([PLAIN_STEP | step for step in report["look_next"]], counter(1)),
        unchecked=_unchecked(report["not_checked"], FEW if stopped else MANY),
        unchecked_count=len(report["not_checked"]),
        also_seen=tuple(findings[seen]["summary"] for seen in report["also_seen"]),
        sections=sections(report),
        recording=report["recording"] or "",
        replay=f"python -m runbook replay {shlex.quote(report['recording'])}" if report["recording"] else "",
        questions=_questions(report["calls"]),
        parameters=" ".join(f"{name}={shlex.quote(value)}" for name, value in report["parameters"].items()),
        account=report["cluster"]["account"],
        execution=report["execution"],
    )


def _left_behind(items: Sequence[dict[str, str]]) -> tuple[Step, ...]:
    told = [{**item, "text": f"{item['text'][:1].upper()}{item['text'][1:]}. To remove it"} for item in items]
    return _steps([PLAIN_STEP | item for item in told], counter(1))


def _look_next_title(report: dict[str, Any]) -> str:
    if report["obstacles"]:
        return "When that is mended"
    return "Where else to look" if report["verdict"] == "healthy" else "What to look at next"


def _place(cluster: dict[str, str]) -> str:
    version = cluster["version"] and f"Kubernetes {cluster['version']}"
    return " · ".join(part for part in (f"cluster {cluster['name']}", cluster["region"], version) if part)


def _when(report: dict[str, Any]) -> str:
    took = words.took(report["started"], report["finished"])
    return ", ".join(part for part in (words.clock(report["started"]), took and f"took {took}") if part)


def _remedies(report: dict[str, Any], findings: dict[str, Any]) -> tuple[Remedy, ...]:
    numbers = counter(1)
    told, noun = (report["obstacles"], "Obstacle") if report["obstacles"] else (report["causes"], "Cause")
    return tuple(
        Remedy(
            cause=f"{noun} {place}: {cause['summary']}" if len(told) > 1 else "",
            steps=_steps(findings[cause["finding"]]["fix"], numbers),
            docs=findings[cause["finding"]]["docs"],
        )
        for place, cause in enumerate(told, 1)
    )


def _steps(fixes: Iterable[dict[str, Any]], numbers: Iterable[int]) -> tuple[Step, ...]:
    return tuple(
        Step(
            number=number,
            text=_step_text(fix),
            command=fix["command"].strip("\n"),
            destructive=fix["destructive"],
        )
        for fix, number in zip(fixes, numbers, strict=False)
    )


def _step_text(fix: dict[str, Any]) -> str:
    text: str = fix["text"].strip()
    if fix["verifies"] and not text.lower().startswith("it worked when"):
        text = f"It worked when {text[:1].lower()}{text[1:]}"
    return text.rstrip(".:") + ":" if fix["command"] else text


def _unexplained(report: dict[str, Any]) -> tuple[str, ...]:
    """What failed without a known cause and is not on the chain, where nothing else would say it."""
    if report["verdict"] != "inconclusive" or report["obstacles"]:
        return ()
    told = {link["finding"] for link in report["chain"]} | set(report["also_seen"])
    return tuple(f["summary"] for f in report["findings"] if f["status"] == "FAIL" and f["id"] not in told)


def _unchecked(entries: Sequence[dict[str, str]], most: int) -> tuple[Unchecked, ...]:
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        groups.setdefault((entry["reason"], entry["grant"]), []).append(entry["title"])
    return tuple(
        Unchecked(titles=tuple(titles[:most]), more=len(titles[most:]), reason=reason, grant=grant)
        for (reason, grant), titles in groups.items()
    )


def _questions(calls: dict[str, int]) -> str:
    nouns = {"kubernetes": "Kubernetes question", "logs": "log", "aws": "AWS call", "nodes": "node question"}
    asked = [count(calls[key], noun) for key, noun in nouns.items() if key != "nodes" or calls[key]]
    return ", ".join(asked)
