"""Asking: the one path from a provider's question to a recorded answer.

Live, a source answers and the recording remembers; in replay there is no source and the recording
alone answers. Everything else is the same, so that both reach the same findings.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol

from runbook.model import NOT_RECORDED, Unavailable
from runbook.recording import FINAL, Answer, Recording, Request


class Source(Protocol):
    """Whoever answers for real. Never raises: a failure is an answer too."""

    async def ask(self, request: Request) -> Answer:
        """Answer one question."""
        ...


class Undeclared(RuntimeError):
    """A provider asked what it did not declare; permissions are made from declarations."""


class Provenance:
    """Which provider is asking: what it may ask, and what it has asked."""

    def __init__(self, evidence: str, declared: frozenset[str]) -> None:
        self.evidence = evidence
        self.declared = declared
        self.asked: list[str] = []


_asking: contextvars.ContextVar[Provenance] = contextvars.ContextVar("asking")


@contextlib.contextmanager
def asking(provenance: Provenance) -> Iterator[None]:
    """Within this block, and in the tasks started in it, questions belong to `provenance`."""
    token = _asking.set(provenance)
    try:
        yield
    finally:
        _asking.reset(token)


class Asker:
    """Recording first, then the source."""

    def __init__(self, recording: Recording, source: Source | None) -> None:
        self.recording = recording
        self.source = source
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ask(self, request: Request) -> Answer:
        """An answer with outcome "ok" or "absent". Raises Unavailable otherwise, and Undeclared."""
        provenance = _asking.get()
        if request.call not in provenance.declared:
            raise Undeclared(f"evidence '{provenance.evidence}' asks {request.call} without declaring it")
        provenance.asked.append(str(request))
        # One at a time for each key: of two projections asked at once the second must hold the first's.
        async with self._asking[request.key]:
            answer = self.recording.find(request)
            if self.source is not None and (answer is None or answer.outcome not in FINAL):
                answer = await self._ask_source(request, self.source)
        if answer is None:
            raise Unavailable(NOT_RECORDED, call=request.call)
        if answer.outcome not in ("ok", "absent"):
            raise Unavailable(answer.message, call=request.call, grant=_grant(request, answer))
        return answer

    async def _ask_source(self, request: Request, source: Source) -> Answer:
        known = self.recording.entries.get(request.key)
        if known is not None:
            # The recording keeps one answer per question, so the later one must hold both projections.
            fields = tuple(sorted({*known[0].fields, *request.fields}))
            request = Request(
                port=request.port, operation=request.operation, parameters=request.parameters, fields=fields
            )
        answer = await source.ask(request)
        self.recording.add(request, answer)
        return answer


def _grant(request: Request, answer: Answer) -> str:
    if answer.outcome != "refused":
        return ""
    if request.port == "aws":
        return f"allow {request.operation} (docs/permissions.md)"
    return f"allow '{request.operation}' (kubectl apply -f docs/cluster-role.yaml)"
