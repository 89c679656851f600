"""The chain: from what was asked about to what it depends on, up to the break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from runbook.report import words

MARKS = {"ok": "✓", "broken": "✗", "cause": "✗", "unknown": "?"}

#: A quotation longer than this loses its middle: the whole of it stands in the section.
QUOTE_LENGTH = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The one telling line of a log or event, and who said it when."""

    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A resource on the chain. `cause` is empty, "the cause" or "cause 2"; `leads` to a cause, or is one."""

    kind: str
    name: str
    exists: bool
    says: str
    status: str
    cause: str
    leads: bool
    depth: int
    quote: Quote | None

    @property
    def mark(self) -> str:
        """One sign for the status."""
        return MARKS[self.status]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Links in a straight line, then what forks off below the last of them."""

    links: tuple[Link, ...]
    forks: tuple[Branch, ...]


def links(report: Mapping[str, Any], findings: Mapping[str, Any]) -> tuple[Link, ...]:
    """The chain in reading order, with depths that grow by one."""
    entries = report["chain"]
    causes = [cause["finding"] for cause in report["causes"]]
    quoted = _quoted(entries, findings, causes)
    depths = _depths([entry["depth"] for entry in entries])
    return tuple(
        Link(
            kind=words.kind_label(entry["resource"]["kind"]),
            name=words.resource_path(entry["resource"]),
            exists=entry["resource"]["exists"],
            says=entry["says"],
            status=entry["status"],
            cause=_cause(entry["finding"], causes) if entry["status"] == "cause" else "",
            leads=_leads(place, depths, entries),
            depth=depth,
            quote=_quote(findings[entry["finding"]], report["started"]) if place == quoted else None,
        )
        for place, (entry, depth) in enumerate(zip(entries, depths, strict=True))
    )


def branches(chain: Sequence[Link]) -> tuple[Branch, ...]:
    """The chain as it is drawn: straight down, and indented only where it forks."""
    if not chain:
        return ()
    starts = [place for place, link in enumerate(chain) if link.depth == chain[0].depth]
    ends = [*starts[1:], len(chain)]
    return tuple(_branch(chain[start:end]) for start, end in zip(starts, ends, strict=True))


def _branch(chain: Sequence[Link]) -> Branch:
    below = branches(chain[1:])
    if len(below) == 1:
        return Branch(links=(chain[0], *below[0].links), forks=below[0].forks)
    return Branch(links=(chain[0],), forks=below)


def _depths(given: Iterable[int]) -> list[int]:
    path: list[int] = []
    depths = []
    for depth in given:
        while path and path[-1] >= depth:
            path.pop()
        depths.append(len(path))
        path.append(depth)
    return depths


def _leads(place: int, depths: Sequence[int], entries: Sequence[Mapping[str, Any]]) -> bool:
    below = takewhile(lambda other: depths[other] > depths[place], range(place + 1, len(entries)))
    return any(entries[other]["status"] == "cause" for other in [place, *below])


def _cause(finding: str | None, causes: Sequence[str]) -> str:
    return f"cause {causes.index(finding) + 1}" if finding in causes and len(causes) > 1 else "the cause"


def _quoted(entries: Sequence[Mapping[str, Any]], findings: Mapping[str, Any], causes: Sequence[str]) -> int:
    """Where on the chain the quotation nearest to the first cause belongs; -1 when there is none."""
    first = (place for place, entry in enumerate(entries) if entry["finding"] in causes[:1])
    end = next(first, len(entries) - 1)
    said = [p for p, entry in enumerate(entries[: end + 1]) if _spoken(findings.get(entry["finding"]))]
    return said[-1] if said else -1


def _spoken(finding: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """Evidence with a time: somebody said it, a container's log or an event."""
    return [said for said in finding["evidence"] if said.get("at") and said["excerpt"]] if finding else []


def _quote(finding: Mapping[str, Any], now: str) -> Quote:
    item = _spoken(finding)[0]
    text = _shortened(" ".join(item["excerpt"].split()))
    return Quote(text=text, source=f"{item['call']}, {words.ago(item['at'], now)}")


def _shortened(text: str) -> str:
    if len(text) <= QUOTE_LENGTH:
        return text
    half = QUOTE_LENGTH // 2
    start, end = text[:half], text[-half:]
    return f"{start[: start.rfind(' ')] if ' ' in start else start} … {end[end.find(' ') + 1 :]}"
