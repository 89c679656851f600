"""Ports that answer from a table, for the tests of evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from runbook.ports.asking import Asker, Provenance, asking
from runbook.ports.aws import Aws
from runbook.ports.kubernetes import Kubernetes
from runbook.recording import Answer, Header, Recording, Request

ABSENT = Answer(outcome="absent")


class Table:
    """A source: by call ("iam:GetRole") an answer, a body, or a function of the parameters that gives one."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[Request] = []

    async def ask(self, request: Request) -> Answer:
        """The table's answer; a call that is not in it is an error of the test."""
        self.asked.append(request)
        found = self.answers[request.call]
        found = found(request.parameters) if callable(found) else found
        return found if isinstance(found, Answer) else Answer(outcome="ok", body=found)


def provided(provider: Callable[..., Any], table: Table, **given: Any) -> Any:
    """A provider's result, with ports for its parameters `aws` and `kubernetes`; undeclared calls fail."""
    header = Header(runbook="test", parameters={}, cluster={}, now=datetime(2026, 11, 21, 6, 30, tzinfo=UTC))
    asker = Asker(Recording(header=header), table)
    ports = {"aws": Aws(asker), "kubernetes": Kubernetes(asker)}
    wanted = {name: port for name, port in ports.items() if name in provider.__annotations__}

    async def run() -> Any:
        with asking(Provenance(provider.__name__, provider.__dict__["evidence_calls"])):
            return await provider(**wanted, **given)

    return asyncio.run(run())
