"""The one implementation of "ask Kubernetes": used by the function, and on a laptop for a kubeconfig."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lambda_proxy.allow import Allowed, AllowList
from lambda_proxy.calls import HttpCalls, read_json
from lambda_proxy.lists import read_list
from lambda_proxy.messages import Answer, Failure, Found, Request, Response, Transport, TransportError
from lambda_proxy.pack import pack, unpack
from lambda_proxy.paths import Target, parse
from lambda_proxy.project import covers, project
from lambda_proxy.redact import redact, redact_text
from lambda_proxy.texts import log_query, read_log, read_metrics

__all__ = [
    "AllowList",
    "Allowed",
    "Answer",
    "Request",
    "Response",
    "Transport",
    "TransportError",
    "answer",
    "covers",
    "pack",
    "project",
    "unpack",
]

CAP = 20_000
_LONGEST_MESSAGE = 4000
_JSON = "application/json"
_METADATA = "application/json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1"


def answer(
    requests: Sequence[Request],
    *,
    transport: Transport,
    allow: AllowList,
    workers: int = 8,
    deadline: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[Answer]:
    """One answer per request, in order, redacted; never raises for what the API server does or says.

    `deadline` is a time of `clock`. `transport` is called from up to `workers` threads at once.
    """

    def one(request: Request) -> Answer:
        calls = HttpCalls(transport=transport, deadline=deadline, sleep=sleep, clock=clock)
        try:
            outcome = _outcome(request, calls, allow)
        except RecursionError:
            outcome = Failure(status=0, reason="BadAnswer", message="the answer is nested too deeply")
        return _told(outcome, calls.made)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(one, requests))


def _outcome(request: Request, calls: HttpCalls, allow: AllowList) -> Found | Failure:
    if refusal := allow.check(request):
        return Failure(status=0, reason="NotAllowed", message=refusal)
    target = parse(request["path"])
    if missing := _missing(request, target):
        return Failure(status=400, reason="BadRequest", message=f"{request['path']}: {missing}")
    if target is None:
        found = _ask_non_resource(request, calls)
    elif target.is_log:
        found = _ask_log(request, calls)
    else:
        found = _ask_resource(request, target, calls)
    if isinstance(found, Failure):
        return found
    is_config = target is not None and (target.group, target.resource) == ("", "configmaps")
    keys = allow.data_keys(target) if target else frozenset()
    return replace(found, body=redact(found.body, kind="ConfigMap" if is_config else "", data_keys=keys))


def _missing(request: Request, target: Target | None) -> str | None:
    if request["path"] == "/metrics":
        return None if request.get("lines") else "lines are required: the names of the metrics that are read"
    if target and not target.is_log and not request.get("fields"):
        return "fields are required: the paths that are read"
    return None


def _ask_non_resource(request: Request, calls: HttpCalls) -> Found | Failure:
    path = request["path"]
    response = calls.get(path, {}, "*/*")
    if isinstance(response, Failure):
        return response
    if path == "/metrics":
        return read_metrics(response.body, request["lines"], cap=request.get("cap", CAP))
    if path == "/version":
        version = read_json(response)
        return version if isinstance(version, Failure) else Found(body=version)
    return Found(body=response.body.decode(errors="replace"))


def _ask_log(request: Request, calls: HttpCalls) -> Found | Failure:
    query = log_query(request.get("query", {}))
    response = calls.get(request["path"], query, "*/*")
    if isinstance(response, Failure):
        return response
    return read_log(response.body, limit=int(query["limitBytes"]))


def _ask_resource(request: Request, target: Target, calls: HttpCalls) -> Found | Failure:
    path, query, fields = request["path"], request.get("query", {}), request["fields"]
    only_metadata = request.get("metadataOnly", False)
    accept = _METADATA.format("List" if target.is_list else "") if only_metadata else _JSON
    if target.is_list:
        return read_list(calls, path, query, accept, fields=fields, cap=request.get("cap", CAP))
    response = calls.get(path, query, accept)
    if isinstance(response, Failure):
        return response
    found = read_json(response)
    if isinstance(found, Failure):
        return found
    if not isinstance(found, dict):
        return Failure(status=0, reason="BadAnswer", message="the answer is not an object")
    return Found(body=project(found, fields))


def _told(outcome: Found | Failure, made: int) -> Answer:
    if isinstance(outcome, Found):
        cut = redact_text(outcome.cut)
        return Answer(status=200, body=outcome.body, message="", reason="", cut=cut, http=made)
    message = redact_text(outcome.message)[:_LONGEST_MESSAGE]
    reason = redact_text(outcome.reason)[:200]
    return Answer(status=outcome.status, body=None, message=message, reason=reason, cut="", http=made)
