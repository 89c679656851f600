"""The numbered sections: per topic every check, what it saw, and how many of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runbook.report import words
from runbook.report.roles import ROLES, Role, roles_of
from runbook.wording import count

#: Order within a section; what is well comes last, and folded where a form can fold.
ORDER = ("FAIL", "ERROR", "UNKNOWN", "PASS", "SKIPPED")
#: How many problems of one check are told; the rest is counted, and whole in report.json.
MANY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A quotation from the evidence."""

    call: str
    at: str
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What was seen, in full; `block` is what follows its first line, as a policy."""

    text: str
    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem of a check.

    `calls` gave what is not quoted; `resource` is empty where the summary names it, `mend` where the
    top of the report says what to do.
    """

    resource: str
    summary: str
    role: Role
    severity: str
    facts: tuple[Fact, ...]
    evidence: tuple[Said, ...]
    calls: str
    mend: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One check: `reason` says why it is unknown, skipped or an error."""

    status: str
    title: str
    reason: str
    covers: str
    docs: str
    problems: tuple[Problem, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One topic."""

    number: int
    title: str
    counts: str
    entries: tuple[Entry, ...]

    @property
    def well(self) -> str:
        """What is folded, in words: `5 passed, 1 not applicable`."""
        numbers = Counter(entry.status for entry in self.folded)
        told = {"PASS": "passed", "SKIPPED": "not applicable"}
        return ", ".join(f"{numbers[status]} {word}" for status, word in told.items() if numbers[status])

    @property
    def open(self) -> tuple[Entry, ...]:
        """What the reader should see."""
        return tuple(entry for entry in self.entries if entry.status not in ("PASS", "SKIPPED"))

    @property
    def folded(self) -> tuple[Entry, ...]:
        """What is well or does not apply."""
        return tuple(entry for entry in self.entries if entry.status in ("PASS", "SKIPPED"))


def sections(report: Mapping[str, Any]) -> tuple[Section, ...]:
    """All sections in the order of the document's steps, also those without a finding."""
    roles = roles_of(report)
    topics = dict.fromkeys([*report["sections"], *(finding["topic"] for finding in report["findings"])])
    return tuple(
        _section(number, topic, [f for f in report["findings"] if f["topic"] == topic], roles)
        for number, topic in enumerate(topics, 1)
    )


def _section(
    number: int, topic: str, findings: Sequence[Mapping[str, Any]], roles: Mapping[str, Role]
) -> Section:
    def rank(finding: Mapping[str, Any]) -> tuple[int, int]:
        return ORDER.index(finding["status"]), ROLES.index(roles[finding["id"]].name)

    checks: dict[str, list[Mapping[str, Any]]] = {}
    for finding in sorted(findings, key=rank):
        checks.setdefault(finding["check"], []).append(finding)
    entries = [_entry(group, roles) for group in checks.values()]
    return Section(
        number=number,
        title=words.topic_title(topic),
        counts=_counts(list(checks.values()), roles),
        entries=tuple(
            _brief(entry, before) for entry, before in zip(entries, [None, *entries], strict=False)
        ),
    )


def _brief(entry: Entry, before: Entry | None) -> Entry:
    """A reason once: one refused call can leave a dozen checks unknown."""
    same = before and entry.reason and entry.reason == before.reason
    return replace(entry, reason="as above") if same else entry


def _counts(checks: Sequence[Sequence[Mapping[str, Any]]], roles: Mapping[str, Role]) -> str:
    """`8 checked, 3 consequences`: each check counted once, by the worst that it saw."""
    numbers = Counter(_outcome(group[0], roles) for group in checks)
    checked = sum(numbers[outcome] for outcome in ("failed", "consequence", "also seen", "passed"))
    told = [f"{checked} checked"] if checked else []
    if numbers["consequence"]:
        told.append(count(numbers["consequence"], "consequence"))
    rest = ("failed", "also seen", "crashed", "not checked", "not applicable")
    told += [f"{numbers[outcome]} {outcome}" for outcome in rest if numbers[outcome]]
    return ", ".join(told) or "nothing asked"


def _outcome(finding: Mapping[str, Any], roles: Mapping[str, Role]) -> str:
    if finding["status"] != "FAIL":
        names = {"PASS": "passed", "ERROR": "crashed", "UNKNOWN": "not checked", "SKIPPED": "not applicable"}
        return names[finding["status"]]
    role = roles[finding["id"]]
    return role.name if role.name in ("consequence", "also seen") else "failed"


def _entry(group: Sequence[Mapping[str, Any]], roles: Mapping[str, Role]) -> Entry:
    first = group[0]
    failed = [finding for finding in group if finding["status"] == "FAIL"]
    return Entry(
        status=first["status"],
        title=first["title"],
        reason="" if failed else first["summary"],
        covers=" ".join(first["covers"]),
        docs=first["docs"],
        problems=tuple(_problem(finding, roles[finding["id"]]) for finding in failed[:MANY]),
        more=len(failed[MANY:]),
    )


def _problem(finding: Mapping[str, Any], role: Role) -> Problem:
    resource = finding["resource"]
    named = not resource or resource["name"] in finding["summary"]
    return Problem(
        resource="" if named else words.resource_label(resource),
        summary=finding["summary"],
        role=role,
        severity=finding["severity"],
        facts=tuple(_fact(fact) for fact in finding["facts"]),
        evidence=tuple(
            Said(call=said["call"], at=words.clock(said.get("at", ""), seconds=True), excerpt=said["excerpt"])
            for said in finding["evidence"]
            if said["excerpt"]
        ),
        calls=", ".join(said["call"] for said in finding["evidence"] if not said["excerpt"]),
        # What mends it stands at the top of the report; here it would be a second place to paste from.
        mend=() if role.name in ("cause", "obstacle") else tuple(finding["fix"]),
    )


def _fact(fact: str) -> Fact:
    text, _, block = fact.partition("\n")
    return Fact(text=text, block=block)
