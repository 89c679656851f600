"""The proxy function: asks the one cluster that its environment names, and only what its list allows.

An event is `{"token": …, "requests": […]}`, the answer `{"packed": …}` (see `lambda_proxy.pack`), or
`{"errorMessage": …}`, as Lambda's own failures have it, with one sentence when nothing could be asked at all.
Neither ever holds the token.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

# Here and not where it is used: while a function starts, Lambda lends it a whole processor.
from kubernetes import client

from lambda_proxy.allow import Allowed, AllowList
from lambda_proxy.core import answer, pack
from lambda_proxy.messages import Request, Response, Transport
from lambda_proxy.transport import ClientTransport

ALLOWED = Path(__file__).with_name("allowed.json")
MOST_REQUESTS = 1000
#: Of the time that an invocation has, for asking; packing a large answer needs the rest.
ASKING_SHARE = 0.9

_ENDPOINT = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?/?")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{16,16384}={0,2}")  # RFC 6750: nothing that could end a header

# The runtime prints what libraries warn about, and urllib3 quotes headers that it cannot read.
logging.getLogger("urllib3").propagate = False


class Refused(Exception):
    """Nothing can be asked; the message is the sentence for the caller."""


def handler(event: Any, context: Any) -> dict[str, str]:
    """Answer one invocation of Lambda; never raises, because a stack trace could quote the event."""
    try:
        token, requests = _understood(event)
        return {"packed": _packed(token, requests, context.get_remaining_time_in_millis() / 1000)}
    except Refused as refused:
        return {"errorMessage": str(refused)}
    except RecursionError:
        return {"errorMessage": "the event is nested too deeply"}
    except Exception as error:  # noqa: BLE001 - a defect's message may hold anything, also the token
        return {"errorMessage": f"the proxy function failed: {_place(error)}"}


def _understood(event: Any) -> tuple[str, list[Request]]:
    match event:
        case {"token": str(token), "requests": list(requests), **rest} if not rest:
            pass
        case _:
            raise Refused('the event must be {"token": text, "requests": list} and hold nothing else')
    if not _TOKEN.fullmatch(token):
        raise Refused("the event's token has not the form of a bearer token")
    if len(requests) > MOST_REQUESTS:
        raise Refused(f"the event holds {len(requests):,} requests; {MOST_REQUESTS:,} are the most")
    if token in json.dumps(requests):  # a refusal would quote it
        raise Refused("the token must not appear in the event's requests")
    return token, requests


def _packed(token: str, requests: list[Request], seconds: float) -> str:
    deadline = time.monotonic() + seconds * ASKING_SHARE
    transport = _discreet(ClientTransport(configuration(os.environ, token)), token)
    answers = answer(requests, transport=transport, allow=allow_list(ALLOWED), deadline=deadline)
    try:
        return pack(answers).decode()
    except ValueError as error:
        raise Refused(str(error)) from None


def configuration(environment: Mapping[str, str], token: str) -> client.Configuration:
    """The client's configuration for the one cluster. Raises Refused, naming the variable that is wrong."""
    endpoint = environment.get("CLUSTER_ENDPOINT", "")
    if not _ENDPOINT.fullmatch(endpoint):
        raise Refused("CLUSTER_ENDPOINT must be the https address of the API server, without a path")
    found = client.Configuration(host=endpoint.rstrip("/"), ca_cert_data=_authority(environment), debug=False)
    found.proxy = None  # the client would take one from the environment
    found.api_key["authorization"] = token
    found.api_key_prefix["authorization"] = "Bearer"
    return found


def _authority(environment: Mapping[str, str]) -> str:
    """The certificates as PEM. Without any, the system's would be trusted."""
    try:
        pem = base64.b64decode(environment.get("CLUSTER_AUTHORITY", ""), validate=True).decode("ascii")
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ValueError, ssl.SSLError):
        raise Refused(
            "CLUSTER_AUTHORITY must be the cluster's certificate authority as PEM in base64"
        ) from None
    return pem


def allow_list(file: Path) -> AllowList:
    """The list that was put into the package when it was built. Raises Refused."""
    if not file.is_file():
        raise Refused(f"{file.name} is missing from the function's package, so that nothing is allowed")
    listed = json.loads(file.read_text(encoding="utf-8"))
    return AllowList(resources=tuple(map(_allowed, listed["resources"])), paths=tuple(listed["paths"]))


def _allowed(entry: dict[str, Any]) -> Allowed:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    return Allowed(**fields)


def _discreet(transport: Callable[..., Response], token: str) -> Transport:
    """`transport`, with the token taken out of whatever a server echoes."""

    def ask(path: str, query: Mapping[str, str], headers: Mapping[str, str], timeout: float) -> Response:
        response = transport(path, query, headers, timeout)
        return replace(response, body=response.body.replace(token.encode(), b"[redacted]"))

    return ask


def _place(error: Exception) -> str:
    """What went wrong and where, without the words of the error."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" in {Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
