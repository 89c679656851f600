"""A scripted API server, a clock that only sleeping moves, and an allow-list with some of everything."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambda_proxy.core import Allowed, AllowList, Answer, Request, Response, TransportError, answer

ALLOW = AllowList(
    resources=(
        Allowed(group="", version="v1", resource="pods"),
        Allowed(group="", version="v1", resource="namespaces"),
        Allowed(group="", version="v1", resource="nodes", verbs=("list",)),
        Allowed(group="", version="v1", resource="configmaps", names=("aws-auth",), data_keys=("mapRoles",)),
        Allowed(group="apps", version="v1", resource="deployments", verbs=("get",), subresources=()),
        Allowed(group="", version="v1", resource="secrets"),
        Allowed(group="", version="v1", resource="services"),
    ),
    paths=("/metrics", "/version", "/livez", "/readyz"),
)
PODS = "/api/v1/namespaces/shop/pods"
POD = f"{PODS}/web-0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP call as the transport saw it."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    timeout: float


Reply = Response | TransportError


@dataclass(slots=True, kw_only=True)
class Api:
    """Answers by `replies` in order, or by the function `serve`; notes every call and every pause."""

    replies: Sequence[Reply] = ()
    serve: Callable[[Call], Reply] | None = None
    seconds_per_call: float = 0.0
    calls: list[Call] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    now: float = 1000.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], timeout: float
    ) -> Response:
        call = Call(path=path, query=dict(query), headers=headers, timeout=timeout)
        with self.lock:
            self.calls.append(call)
            self.now += self.seconds_per_call
            reply = self.serve(call) if self.serve else self.replies[len(self.calls) - 1]
        if isinstance(reply, TransportError):
            raise reply
        return reply

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def ask(
        self, *requests: Request, deadline: float | None = None, allow: AllowList = ALLOW
    ) -> list[Answer]:
        return answer(
            requests, transport=self, allow=allow, deadline=deadline, sleep=self.sleep, clock=lambda: self.now
        )


def response(body: Any, status: int = 200, **headers: str) -> Response:
    """A response with JSON, or with the text or bytes that it is given."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    encoded = (
        body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    )
    return Response(status=status, headers=named, body=encoded)


def refusal(status: int, reason: str, message: str, **headers: str) -> Response:
    """A failure as the API server words it."""
    return response(
        {"kind": "Status", "status": "Failure", "reason": reason, "message": message, "code": status},
        status,
        **headers,
    )


def found(body: Any, cut: str = "", http: int = 1) -> Answer:
    return Answer(status=200, body=body, message="", reason="", cut=cut, http=http)


def failed(status: int, reason: str, message: str, http: int = 1) -> Answer:
    return Answer(status=status, body=None, message=message, reason=reason, cut="", http=http)
