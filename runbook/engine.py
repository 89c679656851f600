"""The engine: which evidence do these checks name, ask for it, and let them judge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Any

from runbook.model import Finding, NotApplicable, Problem, Status, Unavailable
from runbook.ports.asking import Asker, Provenance, Source, asking
from runbook.ports.aws import Aws
from runbook.ports.kubernetes import Kubernetes
from runbook.recording import Recording
from runbook.registry import GIVEN, Check, Evidence, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Who answers live; None where the recording alone does."""

    kubernetes: Source | None = None
    aws: Source | None = None


REPLAY = Sources()


class Engine:
    """Judges checks on one recording. Evidence is made once, however many checks name it."""

    def __init__(self, registry: Registry, recording: Recording, sources: Sources = REPLAY) -> None:
        self._registry = registry
        kubernetes, aws = Asker(recording, sources.kubernetes), Asker(recording, sources.aws)
        header = recording.header
        given = (Kubernetes(kubernetes), Aws(aws), header.parameters, header.now, header.deployment)
        self._given: dict[str, Any] = dict(zip(GIVEN, given, strict=True))
        self._results: dict[str, asyncio.Task[Any]] = {}
        self._provenance: dict[str, Provenance] = {}

    async def judge(self, checks: Iterable[Check]) -> list[Finding]:
        """All findings of these checks, in the order of their ids. Never raises for what it meets."""
        outcomes = await asyncio.gather(*(self._judge(check) for check in sorted(checks, key=lambda c: c.id)))
        return [finding for findings in outcomes for finding in findings]

    async def evidence(self, name: str) -> Any:
        """One provider's result. Raises Unavailable or NotApplicable."""
        if name in self._given:
            return self._given[name]
        if name not in self._results:
            self._results[name] = asyncio.create_task(self._provide(self._registry.evidence[name]))
        return await self._results[name]

    async def known(self, name: str) -> Any:
        """One provider's result, None whatever went wrong: the checks that need it say what."""
        outcome = await _outcome(self.evidence(name))
        return None if isinstance(outcome, Exception) else outcome

    async def _provide(self, provider: Evidence) -> Any:
        values = await self._values(provider)
        provenance = self._provenance[provider.name] = Provenance(provider.name, provider.calls)
        with asking(provenance):
            return await provider.function(**values)

    async def _values(self, needing: Evidence | Check) -> dict[str, Any]:
        outcomes = await asyncio.gather(
            *(self.evidence(name) for name in needing.needs), return_exceptions=True
        )
        values: dict[str, Any] = {}
        for name, outcome in sorted(zip(needing.needs, outcomes, strict=True), key=_not_applicable_first):
            if isinstance(outcome, BaseException) and not isinstance(outcome, needing.tolerates[name]):
                raise outcome
            values[name] = outcome
        return values

    async def _judge(self, check: Check) -> list[Finding]:
        problems: list[Problem] = []
        status, reason, grant = _status(await _outcome(self._collect(check, problems)), check)
        calls = self._calls(check)
        findings = [
            Finding(
                id=f"{check.id}#{n}", check=check.id, status="FAIL", summary=p.summary, problem=p, calls=calls
            )
            for n, p in enumerate(sorted(problems, key=lambda p: (p.resource.key, p.summary)), start=1)
        ]
        if not findings or status != "PASS":
            findings.append(
                Finding(id=check.id, check=check.id, status=status, summary=reason, grant=grant, calls=calls)
            )
        return findings

    async def _collect(self, check: Check, problems: list[Problem]) -> None:
        """Add the check's problems as they come, so that those before an exception are kept."""
        values = await self._values(check)
        problems.extend(check.function(**values))
        _raise_gap(values)

    def _calls(self, check: Check) -> tuple[str, ...]:
        asked = {c for name in check.needs if name in self._provenance for c in self._provenance[name].asked}
        return tuple(sorted(asked))


async def _outcome(work: Awaitable[Any]) -> Any:
    """The result, or the exception as a value."""
    try:
        return await work
    # A broken check or provider must become a visible finding and must not take the report with it.
    except Exception as error:  # noqa: BLE001
        return error


def _status(outcome: Any, check: Check) -> tuple[Status, str, str]:
    """Status, reason and grant when a check had nothing (more) to yield."""
    match outcome:
        case Unavailable():
            return "UNKNOWN", outcome.reason, outcome.grant
        case NotApplicable():
            return "SKIPPED", str(outcome), ""
        case Exception():
            return "ERROR", f"{type(outcome).__name__}: {outcome}", ""
    return "PASS", check.title, ""


def _raise_gap(values: dict[str, Any]) -> None:
    for value in values.values():
        for gap in getattr(value, "gaps", ()):
            raise gap


def _not_applicable_first(item: tuple[str, Any]) -> tuple[bool, str]:
    """That a question does not arise is a better answer than that it could not be answered."""
    return (not isinstance(item[1], NotApplicable), item[0])


def judge(registry: Registry, recording: Recording, checks: Iterable[Check]) -> list[Finding]:
    """Judge a finished recording; nothing is asked."""
    return asyncio.run(Engine(registry, recording).judge(checks))
