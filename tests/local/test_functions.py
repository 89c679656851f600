"""A function on this machine behaves as in Lambda, under its own runtime client and under the plain one."""

from __future__ import annotations

import importlib.util
import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.local import functions
from runbook.local.functions import FunctionRuntime
from runbook.local.runtime_api import LARGEST_RESPONSE

SOURCE = """
import os, subprocess, sys, time

print("started", os.getpid() > 0)
calls = 0

def handler(event, context):
    global calls
    calls += 1
    match event:
        case ["say", text]:
            print(text, file=sys.stderr)
        case ["say often", text, times]:
            print(text * times)
        case ["raise", text]:
            raise ValueError(text)
        case ["exit", status]:
            os._exit(status)
        case ["sleep", seconds]:
            time.sleep(seconds)
        case ["large", size]:
            return "x" * (size - 2)
        case ["import", name]:
            try:
                return __import__(name).__file__
            except ModuleNotFoundError as error:
                return str(error)
        case "environment":
            return dict(os.environ)
        case "left":
            return context.get_remaining_time_in_millis()
        case "context":
            return [context.function_name, len(context.aws_request_id)]
    return calls
"""


def packed(source: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("package/__init__.py", "")
        archive.writestr("package/module.py", source)
    return written.getvalue()


@pytest.fixture(params=["awslambdaric", "plain"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    elif importlib.util.find_spec("awslambdaric") is None:
        pytest.skip("awslambdaric has no package for this system")
    return str(request.param)


@pytest.fixture
def function(client: str) -> Iterator[FunctionRuntime]:
    runtime = FunctionRuntime(packed(SOURCE), "package.module.handler", {"COLOUR": "blue"}, 2.0)
    yield runtime
    runtime.close()


def ask(function: FunctionRuntime, event: Any) -> Any:
    invocation = function.invoke(json.dumps(event).encode())
    assert invocation.function_error == ""
    return json.loads(invocation.payload)


def fail(function: FunctionRuntime, event: Any) -> dict[str, Any]:
    """The payload of a failure, without what names the invocation or shows lines of code."""
    invocation = function.invoke(json.dumps(event).encode())
    assert invocation.function_error == "Unhandled"
    payload: dict[str, Any] = json.loads(invocation.payload)
    _, _, rest = payload["errorMessage"].rpartition("Error: ")
    return {"errorType": payload["errorType"], "errorMessage": rest}


def test_it_stays_warm(function: FunctionRuntime) -> None:
    assert [ask(function, "count") for _ in range(3)] == [1, 2, 3]


def test_a_warm_invocation_takes_no_time(function: FunctionRuntime) -> None:
    """Nagle's algorithm would add 40 ms to each."""
    ask(function, "count")
    began = time.monotonic()
    for _ in range(20):
        ask(function, "count")
    assert (time.monotonic() - began) / 20 < 0.03


def test_what_it_writes_belongs_to_its_invocation(function: FunctionRuntime) -> None:
    logs = [function.invoke(json.dumps(["say", word]).encode()).log for word in ("one", "two")]
    assert logs == ["started True\none\n", "two\n"]


def test_of_a_long_output_the_end_is_kept(function: FunctionRuntime) -> None:
    log = function.invoke(json.dumps(["say often", "0123456789", 100_000]).encode()).log
    assert len(log) == 256 * 1024
    assert log.endswith("0123456789\n")
    assert function.invoke(b'["say", "next"]').log == "next\n"


def test_an_exception_is_told_and_it_goes_on(function: FunctionRuntime) -> None:
    assert ask(function, "count") == 1
    assert fail(function, ["raise", "no such thing"]) == {
        "errorType": "ValueError", "errorMessage": "no such thing",
    }  # fmt: skip
    assert ask(function, "count") == 3


def test_an_exit_is_told_and_the_next_invocation_starts_anew(function: FunctionRuntime) -> None:
    assert fail(function, ["exit", 3]) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "Runtime exited with error: exit status 3",
    }
    assert ask(function, "count") == 1


def test_it_is_ended_when_it_is_late(client: str) -> None:
    function = FunctionRuntime(packed(SOURCE), "package.module.handler", {}, 0.3)
    try:
        began = time.monotonic()
        invocation = function.invoke(b'["sleep", 60]')
        assert time.monotonic() - began < 5
        assert invocation.function_error == "Unhandled"
        message = json.loads(invocation.payload)["errorMessage"]
        assert message.startswith("RequestId: ")
        assert message.endswith(" Error: Task timed out after 0.30 seconds")
        assert ask(function, "count") == 1
    finally:
        function.close()


def test_a_start_that_does_not_end_is_ended(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_START_SECONDS", 0.5)
    function = FunctionRuntime(packed("import time; time.sleep(60)"), "package.module.handler", {}, 5)
    try:
        assert fail(function, "count") == {
            "errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 0.50 seconds",
        }  # fmt: skip
    finally:
        function.close()


def test_an_answer_has_lambdas_largest_size(function: FunctionRuntime) -> None:
    assert len(ask(function, ["large", LARGEST_RESPONSE])) == LARGEST_RESPONSE - 2
    assert fail(function, ["large", LARGEST_RESPONSE + 1]) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert isinstance(ask(function, "count"), int)


@pytest.mark.parametrize("handler", ["package.module.handler", "package.other.handler"])
def test_a_function_that_cannot_be_imported_says_so_each_time(client: str, handler: str) -> None:
    function = FunctionRuntime(packed("import nowhere"), handler, {}, 5)
    try:
        for _ in range(2):
            missing = "nowhere" if handler == "package.module.handler" else "package.other"
            message = fail(function, "count")["errorMessage"]
            assert message.endswith(f"No module named '{missing}'")
    finally:
        function.close()


def test_an_event_that_is_no_json_is_refused(function: FunctionRuntime) -> None:
    invocation = function.invoke(b'{"token": secret')
    assert invocation.function_error == "Unhandled"
    assert b"secret" not in invocation.payload
    assert ask(function, "count") == 1


def test_it_sees_its_zip_and_the_standard_library_alone(function: FunctionRuntime) -> None:
    names = ("kubernetes", "boto3", "runbook", "rich", "yaml", "pip")
    assert [ask(function, ["import", name]) for name in names] == [f"No module named {n!r}" for n in names]
    assert ask(function, ["import", "package"]).endswith("/task/package/__init__.py")
    assert Path(ask(function, ["import", "json"])).parent == Path(json.__file__).parent


def test_it_sees_no_environment_but_its_own(
    function: FunctionRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-this-machine")
    fail(function, ["exit", 1])
    environment = ask(function, "environment")
    assert environment["COLOUR"] == "blue"
    assert environment["_HANDLER"] == "package.module.handler"
    # Python itself sets LC_CTYPE.
    assert sorted(environment.keys() - {"COLOUR", "LC_CTYPE"}) == [
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
        "TZ",
        "_HANDLER",
    ]


def test_the_context_knows_the_time_that_is_left(function: FunctionRuntime) -> None:
    assert 1000 < ask(function, "left") <= 2000
    assert ask(function, "context") == ["function", 36]


def test_nothing_is_left_of_a_closed_function(client: str) -> None:
    function = FunctionRuntime(packed(SOURCE), "package.module.handler", {}, 5)
    task = Path(ask(function, "environment")["LAMBDA_TASK_ROOT"])
    assert task.is_dir()
    function.close()
    assert not task.parent.exists()
    assert function._child.ended
    function.close()
