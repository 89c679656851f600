"""HTTPS on 127.0.0.1: threads, keep-alive, and an end that leaves no connection open."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from runbook.local.kubernetes.answers import Answer
from runbook.local.kubernetes.certificates import Certificates


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request as it came in; `target` is the path with its query, header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]


# None closes the connection without an answer.
Respond = Callable[[Call], Answer | None]


class Server(ThreadingHTTPServer):
    """Serves until `stop`."""

    daemon_threads = False  # so that the end waits for every thread
    request_queue_size = 128

    def __init__(self, certificates: Certificates, respond: Respond) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.respond = respond
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        # The handshake happens in the connection's own thread, so a slow client delays nobody.
        self.socket = _context(certificates).wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return int(self.server_address[1])

    def stop(self) -> None:
        """Close every connection and wait for the threads."""
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                _cut(connection)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that leaves, or does not trust the certificate, is no fault of the server's.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the server's `respond`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        # http.server looks for do_GET and so on: every method is answered by the API, known or not.
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(method=self.command, target=self.requestline.split()[1], headers=headers)
        answer = self.server.respond(call)
        if answer is None or {"content-length", "transfer-encoding"} & set(headers):
            # Bodies are never read: what follows on this connection would be taken for a request.
            self.close_connection = True
        if answer is None:
            return
        self.send_response(answer.code)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        self.send_header("Cache-Control", "no-cache, private")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.code != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_: Any, **__: Any) -> None:
        """Requests are kept by the API, not printed."""


def _context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The ssl module reads keys from files only.
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder, "chain.pem")
        chain.touch(mode=0o600)
        chain.write_bytes(certificates.key + certificates.certificate)
        context.load_cert_chain(chain)
    return context


def _cut(connection: socket.socket) -> None:
    # Not SSLSocket.shutdown: it would take the encryption away under the thread that is reading.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
