"""One checking step: what earlier steps learned, whom it may ask, and how its own part is kept."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from runbook.deployed.event import Event
from runbook.deployed.execution import NONE, outputs_of, steps_of
from runbook.deployed.proxy import Proxy, stack_failure
from runbook.deployed.store import StoreError, store_of
from runbook.deployment import proxy_stack
from runbook.engine import Engine, Sources
from runbook.ports.asking import Source
from runbook.ports.aws import BotoSource
from runbook.ports.kubernetes import BatchingSource, SilentSource
from runbook.ports.token import eks_token
from runbook.recording import Answer, Header, Recording, RecordingError, Request, load
from runbook.registry import load as load_registry

#: Seconds before its limit at which a step asks no more, so that what it learned is kept.
_MARGIN = 60
#: Of a part that must travel in a step's output: SSM takes 100 KB in all.
_MOST_IN_OUTPUT = 60_000


class Step:
    """A step's recording, which begins with what earlier steps learned, and the clients that it uses."""

    def __init__(self, event: Event, session: Any) -> None:
        """`session` is a boto3.Session with the automation role's credentials."""
        self.event = event
        self._session = session
        self._until = time.monotonic() + max(event.seconds - _MARGIN, event.seconds / 2)
        self.store = store_of(event, session)
        self.losses: list[str] = []
        """A sentence for each part of what earlier steps learned that could not be used."""
        self.recording = self._remembered()
        self._earlier = dict(self.recording.entries)

    def engine(self, *, with_cluster: bool) -> Engine:
        """An engine that asks AWS, and through the proxy the cluster."""
        aws = _UntilLate(BotoSource(self._session), self._until)
        kubernetes = _UntilLate(self._kubernetes(), self._until) if with_cluster else None
        return Engine(load_registry(), self.recording, Sources(kubernetes=kubernetes, aws=aws))

    def steps(self) -> list[dict[str, Any]]:
        """The steps of this execution, as SSM tells them."""
        return steps_of(self._session.client("ssm"), self.event.deployment.execution)

    def keep(self) -> str:
        """Write this step's part; what goes into its output: the part, where S3 does not take it, or NONE."""
        part = with_entries(self.recording, self._own())
        try:
            self.store.write({self.event.part: part.dump()})
        except StoreError:
            return fitting(part, _MOST_IN_OUTPUT)
        return NONE

    def _own(self) -> dict[str, tuple[Request, Answer]]:
        entries = dict(self.recording.entries)
        return {key: entry for key, entry in entries.items() if self._earlier.get(key) is not entry}

    def _remembered(self) -> Recording:
        parts = self._parts()
        event = self.event
        header = Header(
            runbook=event.document.name,
            parameters=event.parameters,
            cluster={"name": event.parameters["EksClusterName"], "region": event.deployment.region},
            now=min((part.header.now for part in parts), default=datetime.now(UTC)),
            deployment=event.deployment,
        )
        recording = Recording(header=header)
        for part in parts:
            recording.merge(part)
        return recording

    def _parts(self) -> list[Recording]:
        """The parts of earlier steps, from S3 and from the outputs of those that could not write there."""
        written: dict[str, bytes] = {}
        try:
            written = self.store.read_all("parts/")
        except StoreError as error:
            self.losses.append(
                f"What earlier steps learned, below {self.store.address('parts/')}, was not read: {error}."
            )
        expected = self.event.number > 1 and not written
        if expected or self.event.step == "GenerateReport":
            put_out = {name: outputs.get("Part", NONE) for name, outputs in outputs_of(self.steps()).items()}
            written |= {name: base64.b64decode(part) for name, part in put_out.items() if part != NONE}
        return [part for name, data in written.items() if (part := self._load(name, data))]

    def _load(self, name: str, data: bytes) -> Recording | None:
        try:
            return load(data, name)
        except RecordingError as error:
            self.losses.append(f"A part of what earlier steps learned was left out: {error}.")
            return None

    def _kubernetes(self) -> Source:
        if refused := _refused(self.recording):
            return SilentSource(refused.message, outcome=refused.outcome)
        stack = proxy_stack(self.event.deployment.execution)
        proxy = Proxy(
            self._session.client("lambda", config=_patient()),
            function=stack,
            token=lambda: eks_token(self.event.parameters["EksClusterName"], session=self._session),
            missing=lambda: stack_failure(self._session.client("cloudformation"), stack),
        )
        return BatchingSource(_keeping(proxy, self.keep))


def _keeping(proxy: Proxy, keep: Callable[[], str]) -> Callable[[list[Any]], list[Any]]:
    """Before each invocation write what the one before brought: a step that is killed loses one batch."""

    def ask(requests: list[Any]) -> list[Any]:
        keep()
        return proxy(requests)

    return ask


class _UntilLate:
    """Asks nobody any more when the step must end."""

    def __init__(self, source: Source, until: float) -> None:
        self._source = source
        self._until = until

    async def ask(self, request: Request) -> Answer:
        if time.monotonic() >= self._until:
            return Answer(outcome="failed", message="no time was left in this step to ask")
        return await self._source.ask(request)


def _refused(recording: Recording) -> Answer | None:
    """The first refusal, when the cluster refused everything that earlier steps asked."""
    answers = [answer for _, answer in recording.of("kubernetes")]
    if answers and all(answer.outcome in ("refused", "unauthorized") for answer in answers):
        return answers[0]
    return None


def _patient() -> Any:
    from botocore.config import Config

    # Longer than the function may take; asked again, it would only do the same work twice.
    return Config(connect_timeout=10, read_timeout=140, retries={"total_max_attempts": 2})


def with_entries(recording: Recording, entries: dict[str, tuple[Request, Answer]]) -> Recording:
    """A recording with the same header and these entries."""
    return Recording(header=recording.header, entries=entries)


def fitting(part: Recording, limit: int) -> str:
    """A part as base64 of at most `limit` characters; without its largest answers, if it must be.

    What is left out counts as not recorded, never as absent.
    """
    kept = dict(part.entries)
    while len(text := base64.b64encode(with_entries(part, kept).dump()).decode()) > limit and kept:
        del kept[max(kept, key=lambda key: len(json.dumps(asdict(kept[key][1]))))]
    return text
