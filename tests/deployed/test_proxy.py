"""The proxy as a source: what becomes of an invocation that does not answer."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from lambda_proxy.core import Answer, Request, pack
from runbook.deployed.proxy import Proxy, stack_failure

FUNCTION = "eks-runbook-0a1b"
ASKED: list[Request] = [{"path": "/version"}, {"path": "/api/v1/nodes", "fields": ["metadata.name"]}]
SESSION: Any = boto3.Session(aws_access_key_id="A", aws_secret_access_key="S", region_name="us-east-1")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(SESSION.client("lambda")) as made:
        yield made
        made.assert_no_pending_responses()


def proxy(stub: Stubber) -> Proxy:
    tokens = iter(("first", "second", "third"))
    return Proxy(
        stub.client, function=FUNCTION, token=lambda: next(tokens), missing=lambda: "Proxy: no such key"
    )


def reply(stub: Stubber, content: Any, token: str) -> None:
    body = (content if isinstance(content, str) else json.dumps(content)).encode()
    stub.add_response(
        "invoke",
        {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body))},
        {"FunctionName": FUNCTION, "Payload": json.dumps({"token": token, "requests": ASKED}).encode()},
    )


def answers(status: int) -> list[Answer]:
    return [Answer(status=status, body=None, message="said", reason="R", cut="", http=1) for _ in ASKED]


def packed(status: int) -> dict[str, str]:
    return {"packed": pack(answers(status)).decode()}


def test_answers_are_unpacked(stub: Stubber) -> None:
    reply(stub, packed(200), "first")
    assert proxy(stub)(ASKED) == answers(200)


def test_a_refused_token_is_made_anew_once_and_no_more(stub: Stubber) -> None:
    for token in ("first", "second", "third"):
        reply(stub, packed(401), token)
    asking = proxy(stub)
    assert asking(ASKED) == answers(401)
    assert asking(ASKED) == answers(401)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"errorMessage": "Task timed out after 120.00 seconds"}, "the proxy function failed: Task timed out after 120.00 seconds"),
        ({"errorMessage": "Bearer abcdefghijklmnop123456"}, "the proxy function failed: Bearer [redacted:bearer]"),
        ({"surprise": 1}, "the proxy function answered something that is no answer"),
        ([], "the proxy function answered something that is no answer"),
        ("<html>", "the proxy function could not be asked: Expecting value: line 1 column 1 (char 0)"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_said_to_every_question(stub: Stubber, content: Any, said: str) -> None:
    reply(stub, content, "first")
    assert [(a["status"], a["reason"], a["message"]) for a in proxy(stub)(ASKED)] == [(0, "Proxy", said)] * 2


def test_a_function_that_is_not_there_is_explained_by_its_stack(stub: Stubber) -> None:
    stub.add_client_error("invoke", "ResourceNotFoundException", "Function not found: …", 404)
    told = {a["message"] for a in proxy(stub)(ASKED)}
    assert told == {f"there is no proxy function {FUNCTION}: Proxy: no such key"}


def test_a_refused_invocation_is_told_in_awss_words(stub: Stubber) -> None:
    stub.add_client_error("invoke", "AccessDeniedException", "User: x is not authorized", 403)
    told = {a["message"] for a in proxy(stub)(ASKED)}
    assert told == {
        "the proxy function could not be asked: An error occurred (AccessDeniedException) when calling the "
        "Invoke operation: User: x is not authorized"
    }


def event(status: str, reason: str | None) -> dict[str, Any]:
    return {
        "StackId": "s", "EventId": "e", "StackName": FUNCTION, "LogicalResourceId": "Proxy",
        "Timestamp": "2026-11-21T06:30:00Z", "ResourceStatus": status,
        **({"ResourceStatusReason": reason} if reason else {}),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([event("CREATE_FAILED", "cancelled"), event("CREATE_FAILED", "no such key")], "Proxy: no such key"),
        ([event("CREATE_COMPLETE", None)], f"stack {FUNCTION} has no function, and does not say why"),
    ],
)
def test_of_a_stacks_failures_the_first_one_is_told(events: list[dict[str, Any]], said: str) -> None:
    with Stubber(SESSION.client("cloudformation")) as stub:
        stub.add_response("describe_stack_events", {"StackEvents": events}, {"StackName": FUNCTION})
        assert stack_failure(stub.client, FUNCTION) == said


def test_a_stack_that_never_was_is_told_too() -> None:
    with Stubber(SESSION.client("cloudformation")) as stub:
        stub.add_client_error(
            "describe_stack_events", "ValidationError", f"Stack [{FUNCTION}] does not exist"
        )
        assert stack_failure(stub.client, FUNCTION) == (
            "An error occurred (ValidationError) when calling the DescribeStackEvents operation: "
            f"Stack [{FUNCTION}] does not exist"
        )
