"""The proxy function from its zip under Lambda's runtime client, and a server that sees all that leaves it."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambda_proxy.pack import unpack
from runbook.local.functions import FunctionRuntime
from runbook.local.kubernetes.answers import Answer, json_answer
from runbook.local.kubernetes.certificates import Certificates, make
from runbook.local.kubernetes.server import Call, Server
from runbook.local.zips import function_zip, host_site_packages

#: None of our patterns knows it by its looks.
TOKEN = "Zm9yLW5vYm9keS1lbHNl.dG8tcmVhZA~plain-and-long"
HANDLER = "lambda_proxy.handler.handler"
SECONDS = 20.0


def empty_list(_: Call) -> Answer:
    return json_answer({"metadata": {}, "items": []})


class Witness(Server):
    """An API server that notes every connection and every request, and answers by `reply`."""

    def __init__(self, certificates: Certificates) -> None:
        self.connections = 0
        self.calls: list[Call] = []
        self.reply: Callable[[Call], Answer | None] = empty_list
        super().__init__(certificates, self._noted)

    def _noted(self, call: Call) -> Answer | None:
        self.calls.append(call)
        return self.reply(call)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    @property
    def lines(self) -> list[str]:
        """Method and target of each request."""
        return [f"{call.method} {call.target}" for call in self.calls]

    def forget(self) -> None:
        """As new."""
        self.connections, self.calls, self.reply = 0, [], empty_list


class Stranger:
    """A port of this machine to which nobody may come."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def was_visited(self) -> bool:
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """The function with its server; each answer is searched for the token, and the stranger's door watched."""

    runtime: FunctionRuntime
    server: Witness
    stranger: Stranger
    authority: str
    """As CLUSTER_AUTHORITY has it."""

    def invoke(self, event: Any) -> dict[str, Any]:
        """The payload that an event gets; bytes are sent as they are."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        invocation = self.runtime.invoke(payload)
        assert TOKEN.encode() not in invocation.payload
        assert TOKEN not in invocation.log
        assert not self.stranger.was_visited()
        answered: dict[str, Any] = json.loads(invocation.payload)
        return answered

    def ask(self, *requests: Any) -> list[Any]:
        """The answers to requests."""
        answered = self.invoke({"token": TOKEN, "requests": requests})
        assert answered.keys() == {"packed"}
        answers = unpack(answered["packed"].encode())
        assert TOKEN not in json.dumps(answers)
        return list(answers)


class Stage:
    """A server, a stranger, and the function between them; with a proxy that would lead to the stranger."""

    def __init__(self, **environment: str) -> None:
        certificates = make()
        self._authority = base64.b64encode(certificates.ca).decode()
        self._stranger = Stranger()
        self._server = Witness(certificates)
        proxy = f"http://{self._stranger.address}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        given = {
            "CLUSTER_ENDPOINT": f"https://127.0.0.1:{self._server.port}",
            "CLUSTER_AUTHORITY": self._authority,
            **dict.fromkeys(names, proxy),
            **environment,
        }
        code = function_zip(host_site_packages(), compressed=False)
        self._runtime = FunctionRuntime(code, HANDLER, given, SECONDS)

    def __enter__(self) -> Function:
        return Function(
            runtime=self._runtime, server=self._server, stranger=self._stranger, authority=self._authority
        )

    def __exit__(self, *_: object) -> None:
        self._runtime.close()
        self._server.stop()
        self._stranger.close()
