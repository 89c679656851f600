"""The Kubernetes port: batches, wording, and when it gives up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_proxy import core
from runbook.model import Unavailable
from runbook.ports.asking import Asker, Provenance, asking
from runbook.ports.kubernetes import BatchingSource, Kubernetes
from runbook.recording import Header, Recording

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
CALLS = frozenset({"k8s:get pods", "k8s:list pods", "k8s:get pods/log", "k8s:get /version"})


def answer(
    status: int = 200, body: Any = None, message: str = "", cut: str = "", reason: str = ""
) -> core.Answer:
    return {"status": status, "body": body, "message": message, "reason": reason, "cut": cut, "http": 1}


class Api:
    """Answers every batch by a function, and remembers the batches."""

    def __init__(self, reply: Callable[[core.Request], core.Answer]) -> None:
        self.reply = reply
        self.batches: list[list[str]] = []
        self.running = 0
        self.most = 0
        self._lock = threading.Lock()

    def __call__(self, requests: list[core.Request]) -> list[core.Answer]:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.batches.append([request["path"] for request in requests])
        answers = [self.reply(request) for request in requests]
        with self._lock:
            self.running -= 1
        return answers


def use(api: Api, question: Callable[[Kubernetes], Awaitable[Any]]) -> Any:
    recording = Recording(header=Header(runbook="", parameters={}, cluster={"name": ""}, now=NOW))

    async def run() -> Any:
        with asking(Provenance("test", CALLS)):
            return await question(Kubernetes(Asker(recording, BatchingSource(api))))

    return asyncio.run(run())


def pod(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop"}}


def named(request: core.Request) -> core.Answer:
    return answer(body=pod(request["path"].rpartition("/")[2]))


FIELDS = ("metadata.name",)


def test_what_is_asked_meanwhile_goes_into_the_next_invocation() -> None:
    api = Api(named)

    async def deep(kubernetes: Kubernetes, name: str) -> None:
        await asyncio.sleep(0)  # a provider that first awaits another one
        await kubernetes.get("pods", name, namespace="shop", fields=FIELDS)
        await kubernetes.get("pods", f"{name}-then", namespace="shop", fields=FIELDS)

    use(api, lambda kubernetes: asyncio.gather(*(deep(kubernetes, f"p{n}") for n in range(5))))
    base = "/api/v1/namespaces/shop/pods"
    assert api.batches == [
        [f"{base}/p{n}" for n in range(5)],
        [f"{base}/p{n}-then" for n in range(5)],
    ]
    assert api.most == 1


def test_an_absent_object_is_none_and_a_refusal_is_not() -> None:
    async def get(kubernetes: Kubernetes) -> Any:
        return await kubernetes.get("pods", "p", namespace="shop", fields=FIELDS)

    assert use(Api(lambda _: answer(404, message="not found", reason="NotFound")), get) is None
    with pytest.raises(Unavailable, match="some other server's page"):
        use(Api(lambda _: answer(404, message="some other server's page", reason="HTTP404")), get)
    with pytest.raises(Unavailable) as refused:
        use(Api(lambda _: answer(403, message="pods is forbidden")), get)
    assert (refused.value.reason, refused.value.grant) == (
        "pods is forbidden",
        "allow 'get pods' (kubectl apply -f docs/cluster-role.yaml)",
    )


def test_a_list_is_sorted_and_tells_where_it_was_cut() -> None:
    async def ask(kubernetes: Kubernetes) -> Any:
        return await kubernetes.list("pods", namespace="shop", fields=FIELDS)

    items = {"items": [pod("b"), pod("a")], "metadata": {}}
    listing = use(Api(lambda _: answer(body=items, cut="answer cut at 2 items")), ask)
    assert [item["metadata"]["name"] for item in listing] == ["a", "b"]
    with pytest.raises(Unavailable, match="answer cut at 2 items"):
        listing.whole()


def test_no_log_is_not_a_failure() -> None:
    async def ask(kubernetes: Kubernetes) -> Any:
        return await kubernetes.log("shop", "p", "c", previous=True)

    said = 'previous terminated container "c" in pod "p" not found'
    assert use(Api(lambda _: answer(400, message=said)), ask) is None
    assert use(Api(lambda _: answer(body="line\n")), ask) == "line\n"


def test_after_a_first_invocation_without_any_answer_nothing_is_asked() -> None:
    api = Api(lambda _: answer(0, message="the API server cannot be reached"))

    async def ask(kubernetes: Kubernetes) -> Any:
        for name in ("a", "b", "c"):
            with pytest.raises(Unavailable, match="cannot be reached"):
                await kubernetes.get("pods", name, namespace="shop", fields=FIELDS)

    use(api, ask)
    assert len(api.batches) == 1


def test_whoever_waits_hears_of_a_crash() -> None:
    def crash(_: core.Request) -> core.Answer:
        raise ZeroDivisionError

    async def ask(kubernetes: Kubernetes) -> Any:
        return await kubernetes.get("pods", "p", namespace="shop", fields=FIELDS)

    with pytest.raises(ZeroDivisionError):
        use(Api(crash), ask)
