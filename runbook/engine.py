"""The engine: which evidence do these checks name, ask for it, and let them judge."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
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
        given = (Kubernetes(kubernetes), Aws(aws), recording.header.parameters, recording.header.now)
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
        status: Status = "PASS"
        reason, grant = check.title, ""
        try:
            values = await self._values(check)
            # Extending keeps the problems that were yielded before an exception; list() would lose them.
            problems.extend(check.function(**values))
            _raise_gap(values)
        except Unavailable as unavailable:
            status, reason, grant = "UNKNOWN", unavailable.reason, unavailable.grant
        except NotApplicable as not_applicable:
            status, reason = "SKIPPED", str(not_applicable)
        # A broken check or provider must become a visible finding and must not take the report with it.
        except Exception as error:  # noqa: BLE001
            status, reason = "ERROR", f"{type(error).__name__}: {error}"
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

    def _calls(self, check: Check) -> tuple[str, ...]:
        asked = {c for name in check.needs if name in self._provenance for c in self._provenance[name].asked}
        return tuple(sorted(asked))


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
