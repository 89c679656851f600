"""A server that answers too slowly, or too much, costs one question and not the function."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from kubernetes.client import Configuration

from lambda_proxy import transport
from lambda_proxy.messages import TransportError
from lambda_proxy.transport import ClientTransport

Write = Callable[[Callable[[bytes], object]], object]


@contextmanager
def serving(write: Write) -> Iterator[ClientTransport]:
    """A server that sends a body of unknown length as `write` does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                write(self.wfile.write)

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    configuration = Configuration()
    configuration.host = f"http://127.0.0.1:{server.server_port}"
    try:
        yield ClientTransport(configuration)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def drip(send: Callable[[bytes], object]) -> None:
    for _ in range(50):
        send(b"x")
        time.sleep(0.05)


def refusal(asking: ClientTransport, seconds: float) -> tuple[str, str]:
    with pytest.raises(TransportError) as raised:
        asking("/version", {}, {}, seconds)
    return raised.value.kind, raised.value.message


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    with serving(drip) as asking:
        began = time.monotonic()
        told = refusal(asking, 0.3)
        assert time.monotonic() - began < 2
    assert told == ("timeout", "the API server's answer was not complete within 0.3 s")


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", 200_000)
    with serving(lambda send: [send(b"x" * 65_536) for _ in range(100)]) as asking:
        assert refusal(asking, 5) == ("unreachable", "the API server's answer is larger than 200,000 bytes")


def test_a_whole_answer_is_returned() -> None:
    with serving(lambda send: [send(b"ab"), send(b"cd")]) as asking:
        answer = asking("/version", {}, {}, 5)
    assert (answer.status, answer.body) == (200, b"abcd")
