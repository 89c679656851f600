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

    def __init__(self, aws: Json) -> None:
        self.calls: list[str] = []
        self.faults: dict[str, Fault] = {}
        self._aws = aws
        self._server: BaseWSGIServer | None = None
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            account = Account(self._aws)
            undo.callback(account.close)
            lay_out(account)
            front = Front(account, self.calls, self.faults)
            server = make_server("127.0.0.1", 0, front, threaded=True, request_handler=_Quiet)
            undo.callback(server.server_close)
            account.endpoint_url = f"http://127.0.0.1:{server.server_port}"
            serve = partial(server.serve_forever, poll_interval=0.02)  # the time that closing takes
            Thread(target=serve, daemon=True, name="embedded-aws").start()
            undo.callback(server.shutdown)
            self._server, self._exit = server, undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()
        self._server = None

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
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "AWS_ENDPOINT_URL": self.endpoint_url,
        }
