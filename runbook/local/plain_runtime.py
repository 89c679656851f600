"""A runtime client of the standard library alone, for machines on which Lambda's own cannot be installed.

Run as a script with `module.function`; it sees no package but the function's.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from http.client import HTTPConnection, HTTPMessage
from typing import Any

_API = "/2018-06-01/runtime"


class Context:
    """What handlers read of Lambda's context object."""

    def __init__(self, headers: HTTPMessage) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is ended."""
        return max(0, self._deadline - int(time.time() * 1000))


def main(handler: str) -> int:
    """Answer events until there are none; 1 if the function cannot be imported."""
    module, _, name = handler.rpartition(".")
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:  # noqa: BLE001 - whatever a foreign function raises is its answer
        _call("POST", "/init/error", _told(error))
        return 1
    while True:
        headers, event = _call("GET", "/invocation/next")
        context = Context(headers)
        try:
            what, payload = "response", json.dumps(function(json.loads(event), context)).encode()
        except Exception as error:  # noqa: BLE001 - as above
            what, payload = "error", _told(error)
        _call("POST", f"/invocation/{context.aws_request_id}/{what}", payload)


def _call(method: str, path: str, body: bytes | None = None) -> tuple[HTTPMessage, bytes]:
    connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        connection.request(method, _API + path, body)
        response = connection.getresponse()
        return response.headers, response.read()
    finally:
        connection.close()


def _told(error: Exception) -> bytes:
    content: dict[str, Any] = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    return json.dumps(content).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
