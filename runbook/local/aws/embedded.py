"""The embedded AWS account, served on this machine for boto3, the aws command line and the documents."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from threading import Thread
from types import TracebackType
from typing import Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from runbook.local.aws.account import Account
from runbook.local.aws.faults import Fault
from runbook.local.aws.front import Front
from runbook.local.aws.layout import lay_out
from runbook.local.aws.moto_wire import Json
from runbook.local.aws.principals import USER_KEYS


class _Quiet(WSGIRequestHandler):
    def log(self, *_words: object) -> None:
        """Requests are in `EmbeddedAws.calls`, not on standard error."""


class EmbeddedAws:
    """An AWS account that holds what `World.aws` says, behind an address on 127.0.0.1.

        with EmbeddedAws(world.aws) as aws:
            boto3.client("eks", endpoint_url=aws.endpoint_url)

    `calls` lists every call that came in, as `iam:GetRole`, in order. `faults` may be changed at any time;
    its keys are such names, or patterns of them: `iam:*`. The World may not change while it is open: it was
    copied. One can be open at a time in a process.

    Raises AwsError when the state could not exist in AWS, and RuntimeError when another one is open.
    """

    def __init__(self, aws: Json, *, port: int = 0) -> None:
        self.calls: list[str] = []
        self.faults: dict[str, Fault] = {}
        self._aws = aws
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._account: Account | None = None
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            account = Account(self._aws)
            undo.callback(account.close)
            lay_out(account)
            front = Front(account, self.calls, self.faults)
            server = make_server("127.0.0.1", self._port, front, threaded=True, request_handler=_Quiet)
            undo.callback(server.server_close)
            account.endpoint_url = f"http://127.0.0.1:{server.server_port}"
            serve = partial(server.serve_forever, poll_interval=0.02)  # the time that closing takes
            Thread(target=serve, daemon=True, name="embedded-aws").start()
            undo.callback(server.shutdown)
            undo.callback(account.finish)
            self._server, self._account, self._exit = server, account, undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()
        self._server = self._account = None

    @property
    def account(self) -> Account:
        """What is behind the address, for whoever sets it up or watches it."""
        if self._account is None:
            raise RuntimeError("the embedded account can be reached only while it is open")
        return self._account

    @property
    def endpoint_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        if self._server is None:
            raise RuntimeError("the embedded account has an address only while it is open")
        return f"http://127.0.0.1:{self._server.server_port}"

    def environment(self) -> dict[str, str]:
        """What a child process needs, to speak to this account: AWS's own example keys, Region, address."""
        region = self._aws["region"]
        return {
            **USER_KEYS,
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "AWS_ENDPOINT_URL": self.endpoint_url,
        }
