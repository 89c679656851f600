"""Every node's kubelet at once, as far as `pods/log` needs one.

The API server is told to reach nodes through an HTTP CONNECT proxy. This proxy does not connect anywhere:
it is the kubelet. So nodes keep the addresses that the world gives them.
"""

from __future__ import annotations

import json
import ssl
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from urllib.parse import parse_qsl, urlsplit

from runbook.local.kubernetes.answers import Answer, Refusal
from runbook.local.kubernetes.collection import Objects
from runbook.local.kubernetes.logs import Logs, container_log


class Kubelets:
    """Serves a world's logs to the API server, refused in the kubelet's words where there is none."""

    def __init__(self) -> None:
        self._objects: Objects = {}
        self._logs: Logs = {}
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._folder = tempfile.TemporaryDirectory(prefix="kubelets-")  # a socket's path must be short
        self.socket = Path(self._folder.name) / "socket"
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    def serve(self, objects: Objects, logs: Logs) -> None:
        """From now on answer from these."""
        self._objects, self._logs = objects, logs

    def answer(self, namespace: str, pod: str, query: dict[str, str]) -> Answer:
        """What the kubelet says to GET /containerLogs/…; `query` names the container too."""
        manifest = self._objects.get(("Pod", namespace, pod))
        if manifest is None:
            return Answer(code=404, body=f'pod "{pod}" does not exist'.encode())
        try:
            return container_log(manifest, self._objects, self._logs, query)
        except Refusal as refusal:  # a kubelet says in plain text what the API server wraps into a Status
            message = json.loads(refusal.answer.body)["message"]
            return Answer(code=refusal.answer.code, body=message.encode())


class _Server(ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, kubelets: Kubelets) -> None:
        super().__init__(str(kubelets.socket), _Handler)
        self.kubelets = kubelets


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        """Agree to connect, then be the far end: from here on the API server speaks TLS."""
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.request = self.server.kubelets.tls.wrap_socket(self.request, server_side=True)
        self.setup()
        self.close_connection = False

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        _, _, namespace, pod, container = address.path.split("/")
        query = {**dict(parse_qsl(address.query)), "container": container}
        answer = self.server.kubelets.answer(namespace, pod, query)
        self.send_response(answer.code)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def log_message(self, *_: object) -> None:
        """The API server's log tells enough."""
