"""The Lambda Runtime API: where a runtime client fetches events and leaves what came of them.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: The most that a function may answer, in bytes.
LARGEST_RESPONSE = 6_291_556
_API = "/2018-06-01/runtime"
_TOO_LARGE = json.dumps(
    {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size "
        f"({LARGEST_RESPONSE} bytes).",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an invocation, or of starting up. `error` is empty for an answer.

    `fatal`: the client will end, or should.
    """

    payload: bytes
    error: str = ""
    fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    id: str
    payload: bytes
    deadline: int
    """Milliseconds since 1970."""


class RuntimeApi:
    """One runtime client's API on a port of this machine, for one invocation at a time."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        """Set as soon as the client has asked for its first event: the function is imported."""
        self.outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        """None is for whoever watches the client: it has ended."""
        self._events: queue.SimpleQueue[_Event | None] = queue.SimpleQueue()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """`host:port`, as AWS_LAMBDA_RUNTIME_API has it."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def offer(self, payload: bytes, seconds: float) -> str:
        """Give the client an event that it may work on for some seconds; tell the invocation's id."""
        deadline = int((time.time() + seconds) * 1000)
        event = _Event(id=str(uuid.uuid4()), payload=payload, deadline=deadline)
        self._events.put(event)
        return event.id

    def next(self) -> _Event | None:
        """The next event, whenever it comes; None when the API closes."""
        self.ready.set()
        return self._events.get()

    def close(self) -> None:
        """Stop serving."""
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    api: RuntimeApi
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that was ended reads no answer.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Headers and body leave as two packets; waiting for the first's receipt would cost 40 ms each time.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path != f"{_API}/invocation/next":
            self._answer(HTTPStatus.NOT_FOUND)
            return
        event = self.server.api.next()
        if event is None:
            self.close_connection = True
            return
        self._answer(
            HTTPStatus.OK,
            event.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": event.id,
                "Lambda-Runtime-Deadline-Ms": str(event.deadline),
                "Lambda-Runtime-Invoked-Function-Arn": "",
            },
        )

    def do_POST(self) -> None:
        body = self._body()
        if not self.path.endswith("/response"):
            failed = Outcome(payload=body, error="Unhandled", fatal=self.path == f"{_API}/init/error")
            self._conclude(failed, HTTPStatus.ACCEPTED)
        elif len(body) > LARGEST_RESPONSE:
            refused = Outcome(payload=_TOO_LARGE.encode(), error="Unhandled", fatal=True)
            self._conclude(refused, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._conclude(Outcome(payload=body), HTTPStatus.ACCEPTED)

    def _conclude(self, outcome: Outcome, status: HTTPStatus) -> None:
        self._answer(status)
        self.server.api.outcomes.put(outcome)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        # Without a type the runtime's client, which is C++, crashes.
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""
