"""The account's functions, and the sandboxes that they run in."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from runbook.local.aws.account import Account
from runbook.local.aws.moto_wire import AwsError, Json
from runbook.local.functions import FunctionRuntime


@dataclass(slots=True, kw_only=True)
class Function:
    """`configuration` is as Lambda tells it, without what changes by itself; `ready` a monotonic time."""

    configuration: Json
    code: bytes
    tags: dict[str, str]
    ready: float
    runtime: FunctionRuntime | None = None
    lock: Lock = field(default_factory=Lock)

    @property
    def pending(self) -> bool:
        return time.monotonic() < self.ready

    def stop(self) -> None:
        """End the sandbox; the next invocation starts another."""
        with self.lock:
            runtime, self.runtime = self.runtime, None
        if runtime is not None:
            runtime.close()


class Functions:
    """The account's functions by name."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.all: dict[str, Function] = {}
        self.lock = Lock()

    def close(self) -> None:
        for function in list(self.all.values()):
            function.stop()

    def arn(self, name: str) -> str:
        account = self.account
        return f"arn:{account.partition}:lambda:{account.region}:{account.id}:function:{name}"

    def find(self, parameters: Json, key: str = "FunctionName") -> Function:
        """By name, or by whole or partial ARN. Raises AwsError."""
        name, _, qualifier = parameters[key].rpartition("function:")[2].partition(":")
        qualifier = parameters.get("Qualifier", qualifier)
        if name not in self.all or qualifier not in ("", "$LATEST"):
            arn = ":".join([self.arn(name), *([qualifier] if qualifier else [])])
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404)
        return self.all[name]
