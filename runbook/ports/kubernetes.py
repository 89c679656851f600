"""The Kubernetes port: get, list and log, in batches with one invocation in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lambda_proxy import core
from lambda_proxy.core import project
from lambda_proxy.redact import redact_text
from runbook.model import Unavailable
from runbook.ports.asking import Asker
from runbook.ports.resources import BY_PLURAL
from runbook.recording import Answer, Outcome, Request

#: Turns of the event loop without a new question after which no provider can go on without an answer.
_QUIET_TURNS = 25

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """Items in the order of namespace and name, and at what the list was cut (empty: it is whole)."""

    items: tuple[Body, ...]
    cut: str = ""

    def __iter__(self) -> Iterator[Body]:
        return iter(self.items)

    def whole(self) -> tuple[Body, ...]:
        """The items, for whoever needs all of them. Raises Unavailable when the list was cut."""
        if self.cut:
            raise Unavailable(self.cut)
        return self.items


class Kubernetes:
    """What evidence asks the cluster. All methods raise Unavailable when there is no answer."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def get(self, plural: str, name: str, *, namespace: str = "", fields: Sequence[str]) -> Body | None:
        """One object, projected to `fields`; None when it does not exist."""
        parameters = _present(namespace=namespace, name=name)
        request = Request(
            port="kubernetes", operation=f"get {plural}", parameters=parameters, fields=tuple(fields)
        )
        answer = await self._asker.ask(request)
        return project(answer.body, fields) if answer.outcome == "ok" else None

    async def list(
        self, plural: str, *, namespace: str = "", labels: str = "", where: str = "", fields: Sequence[str]
    ) -> Listing:
        """Objects, projected to `fields`; `labels` and `where` are label and field selectors."""
        wanted = (*fields, "metadata.name", "metadata.namespace")
        parameters = _present(namespace=namespace, labelSelector=labels, fieldSelector=where)
        request = Request(port="kubernetes", operation=f"list {plural}", parameters=parameters, fields=wanted)
        answer = await self._asker.ask(request)
        items = answer.body["items"] if answer.outcome == "ok" else []
        # Sorted here, so that no finding depends on the order of an answer.
        return Listing(tuple(sorted((project(item, wanted) for item in items), key=_place)), answer.cut)

    async def log(
        self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 200
    ) -> str | None:
        """The last `tail` lines of a container's log; None when there is no such log."""
        parameters = _present(
            namespace=namespace, name=pod, container=container, tailLines=tail, previous=previous
        )
        request = Request(port="kubernetes", operation="get pods/log", parameters=parameters)
        answer = await self._asker.ask(request)
        return str(answer.body) if answer.outcome == "ok" else None

    async def version(self) -> Body | None:
        """What /version says."""
        request = Request(port="kubernetes", operation="get /version", parameters={})
        answer = await self._asker.ask(request)
        return dict(answer.body) if answer.outcome == "ok" else None


Ask = Callable[[list[core.Request]], list[core.Answer]]


class BatchingSource:
    """Collects questions while one invocation is in flight, and sends them in the next.

    `invoke` is blocking and runs in a thread: `core.answer` for a kubeconfig, an invocation of the
    proxy function on AWS. So the depth of the questions, not their number, sets the round trips.
    """

    def __init__(self, invoke: Ask) -> None:
        self.invocations = 0
        self._invoke = invoke
        self._waiting: list[tuple[Request, asyncio.Future[Answer]]] = []
        self._sender: asyncio.Task[None] | None = None
        self._silent: Answer | None = None
        self._in_flight: list[asyncio.Future[Answer]] = []
        # Of its own, because asyncio.run waits for the threads of asyncio's, also when interrupted.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kubernetes")

    async def ask(self, request: Request) -> Answer:
        """Queue the question for the next invocation and wait for its answer."""
        if self._silent is not None:
            return self._silent
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())
            self._sender.add_done_callback(self._pass_on)
        return await future

    async def _send(self) -> None:
        while self._waiting:
            await self._until_nobody_can_go_on()
            batch, self._waiting = self._waiting, []
            self._in_flight = [future for _, future in batch]
            for future, answer in zip(self._in_flight, await self._answers(batch), strict=True):
                future.set_result(answer)

    def _pass_on(self, sender: asyncio.Task[None]) -> None:
        """Whoever waits must hear of an exception, or the run would wait for ever."""
        if not sender.cancelled() and (error := sender.exception()):
            for future in (*self._in_flight, *(future for _, future in self._waiting)):
                if not future.done():
                    future.set_exception(error)

    async def _answers(self, batch: list[tuple[Request, asyncio.Future[Answer]]]) -> list[Answer]:
        if self._silent is not None:
            return [self._silent] * len(batch)
        return await self._round_trip([request for request, _ in batch])

    async def _until_nobody_can_go_on(self) -> None:
        quiet = known = 0
        while quiet < _QUIET_TURNS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == known else 0
            known = len(self._waiting)

    async def _round_trip(self, batch: list[Request]) -> list[Answer]:
        self.invocations += 1
        wired = [_wire(request) for request in batch]
        answers = await asyncio.get_running_loop().run_in_executor(self._thread, self._invoke, wired)
        understood = [_understand(answer) for answer in answers]
        outcomes = {answer.outcome for answer in understood}
        if self.invocations == 1 and not outcomes & {"ok", "absent"}:
            # Nobody home, or everything refused: asking on would only make a tired reader wait.
            self._silent = understood[0]
        return understood


class SilentSource:
    """Stands for a side that cannot be asked at all; every question gets the same reason."""

    def __init__(self, reason: str, outcome: Outcome = "failed") -> None:
        self._answer = Answer(outcome=outcome, message=redact_text(reason))

    async def ask(self, request: Request) -> Answer:  # noqa: ARG002 - the answer is the same for all
        """Answer with the reason."""
        return self._answer


def _wire(request: Request) -> core.Request:
    _, _, target = request.operation.partition(" ")
    query = {k: _spell(v) for k, v in request.parameters.items() if k not in ("namespace", "name")}
    if target.startswith("/"):
        return {"path": target}
    plural, _, subresource = target.partition("/")
    path = BY_PLURAL[plural].path(
        request.parameters.get("namespace", ""), request.parameters.get("name", ""), subresource
    )
    return {"path": path, "query": query, "fields": list(request.fields)}


def _understand(answer: core.Answer) -> Answer:
    match answer["status"]:
        case 200:
            return Answer(outcome="ok", body=answer["body"], cut=answer["cut"])
        case 404 if answer["reason"] == "NotFound":
            return Answer(outcome="absent", message=answer["message"])
        case 400 if "not found" in answer["message"] or "is waiting to start" in answer["message"]:
            # pods/log words the absence of a log as a bad request.
            return Answer(outcome="absent", message=answer["message"])
        case 401:
            return Answer(
                outcome="unauthorized", message=f"the API server refused the token: {answer['message']}"
            )
        case 403:
            return Answer(outcome="refused", message=answer["message"])
        case _:
            return Answer(outcome="failed", message=answer["message"])


def _present(**parameters: Any) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value}


def _spell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _place(item: Body) -> tuple[str, str]:
    return (item["metadata"].get("namespace", ""), item["metadata"]["name"])
