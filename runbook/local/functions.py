"""A Lambda function on this machine: its zip under the runtime client that Lambda itself uses."""

from __future__ import annotations

import importlib.util
import io
import json
import queue
import subprocess
import sys
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from runbook.local.runtime_api import Outcome, RuntimeApi

#: What Lambda's own image brings for Python.
_RUNTIME = ("awslambdaric", "simplejson", "snapshot_restore_py")
#: Stands in for awslambdaric, which has no wheels for macOS.
_PLAIN = Path(__file__).with_name("plain_runtime.py")
#: Seconds that Lambda gives a function to be imported.
_START_SECONDS = 10.0
#: Bytes of output that are kept of an invocation: the last ones.
_LOG_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What boto3's `invoke` tells: the payload, `FunctionError` (empty if there was none), and the output."""

    payload: bytes
    function_error: str
    log: str


class FunctionRuntime:
    """One function, started at once and kept warm; invocations follow one another.

    `code` is the zip, `handler` a `module.function` in it, `timeout` the seconds of one invocation. The
    function sees its zip, the standard library and Lambda's runtime client, and of the environment nothing
    but `environment` and what Lambda itself sets.
    """

    def __init__(self, code: bytes, handler: str, environment: dict[str, str], timeout: float) -> None:
        self._timeout = timeout
        self._one_at_a_time = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="eks-runbook-function-")
        task, runtime, self._log = (Path(self._folder.name) / name for name in ("task", "runtime", "log"))
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(task)
        runtime.mkdir()
        self._command = (sys.executable, "-S", "-P", "-u", *_client(runtime), handler)
        self._environment = {**_lambda_environment(task, runtime, handler), **environment}
        self._child = self._start()

    def invoke(self, payload: bytes) -> Invocation:
        """Run the function once. What it fails with is in the answer, as in Lambda's."""
        with self._one_at_a_time:
            if self._child.ended:
                self._child.stop()
                self._child = self._start()
            outcome = self._child.work(payload, self._timeout)
            return Invocation(payload=outcome.payload, function_error=outcome.error, log=self._output())

    def close(self) -> None:
        """End the child and remove its files."""
        self._child.stop()
        self._folder.cleanup()

    def _start(self) -> _Child:
        return _Child(self._command, self._environment, self._log)

    def _output(self) -> str:
        """What was written since the last time; the child appends, so that the file may be emptied."""
        with self._log.open("rb+") as file:
            file.seek(max(0, file.seek(0, io.SEEK_END) - _LOG_BYTES))
            written = file.read()
            file.truncate(0)
        return written.decode(errors="replace")


class _Child:
    """A process with the function in it, and the API that it talks to."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        self._api = RuntimeApi()
        environment = {**environment, "AWS_LAMBDA_RUNTIME_API": self._api.address}
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=environment,
                cwd=environment["LAMBDA_TASK_ROOT"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    @property
    def ended(self) -> bool:
        """Whether a new one is needed."""
        return self._process.poll() is not None

    def work(self, payload: bytes, seconds: float) -> Outcome:
        """One invocation. A child that is late is ended."""
        if not self._api.ready.wait(_START_SECONDS):
            self.stop()
            return _failure(
                "start-up", "Sandbox.Timedout", f"Task timed out after {_START_SECONDS:.2f} seconds"
            )
        invocation = self._api.offer(payload, seconds)
        try:
            outcome = self._api.outcomes.get(timeout=seconds)
        except queue.Empty:
            self.stop()
            return _failure(invocation, "Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")
        if outcome is None:
            return _failure(invocation, "Runtime.ExitError", f"Runtime exited with error: {self._end()}")
        if outcome.fatal:
            self.stop()
        return outcome

    def stop(self) -> None:
        """End the process, if it has not ended, and its API."""
        self._process.kill()
        self._watcher.join()
        self._api.close()

    def _watch(self) -> None:
        """Tell whoever waits when the process ends."""
        self._process.wait()
        self._api.outcomes.put(None)
        self._api.ready.set()

    def _end(self) -> str:
        status = self._process.wait()
        return f"exit status {status}" if status >= 0 else f"signal {-status}"


def _failure(invocation: str, kind: str, message: str) -> Outcome:
    content = {"errorType": kind, "errorMessage": f"RequestId: {invocation} Error: {message}"}
    return Outcome(payload=json.dumps(content).encode(), error="Unhandled")


def _client(runtime: Path) -> tuple[str, ...]:
    """How to start the runtime client, laid into a folder of its own: it lives among all other packages."""
    if importlib.util.find_spec("awslambdaric") is None:
        return (str(_PLAIN),)
    for name in _RUNTIME:
        for top in {file.parts[0] for file in metadata.distribution(name).files or ()}:
            if not top.endswith((".dist-info", "__pycache__", "..")):
                (runtime / top).symlink_to(str(metadata.distribution(name).locate_file(top)))
    return ("-m", "awslambdaric")


def _lambda_environment(task: Path, runtime: Path, handler: str) -> dict[str, str]:
    """What Lambda sets: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html ."""
    return {
        "_HANDLER": handler,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/function",
        "AWS_LAMBDA_LOG_STREAM_NAME": "function",
        "LAMBDA_RUNTIME_DIR": str(runtime),
        "LAMBDA_TASK_ROOT": str(task),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",  # a function's folder cannot be written to
        "PYTHONPATH": f"{task}:{runtime}",
        "TZ": ":UTC",
    }
