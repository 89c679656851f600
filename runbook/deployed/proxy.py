"""The proxy function as a source of answers: one invocation for a batch of questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambda_proxy.core import Answer, Request, unpack
from lambda_proxy.redact import redact_text
from runbook.wording import said_by

CALLS = ("lambda:Invoke", "cloudformation:DescribeStackEvents")


class Proxy:
    """Invokes one function; never raises for what it answers, or for its not being there."""

    def __init__(self, client: Any, *, function: str, token: Callable[[], str], missing: Callable[[], str]):
        """`client` is boto3's for Lambda.

        `token` makes a fresh bearer token, `missing` says why there is no function, as a clause.
        """
        self._client = client
        self._function = function
        self._token = token
        self._missing = missing
        self._renewed = False

    def __call__(self, requests: list[Request]) -> list[Answer]:
        """One answer per request. A token that is refused is made anew, once."""
        answers = self._invoke(requests)
        if not self._renewed and {a["status"] for a in answers} == {HTTPStatus.UNAUTHORIZED.value}:
            self._renewed = True
            answers = self._invoke(requests)
        return answers

    def _invoke(self, requests: list[Request]) -> list[Answer]:
        event = json.dumps({"token": self._token(), "requests": requests}).encode()
        try:
            reply = self._client.invoke(FunctionName=self._function, Payload=event)
            content = json.loads(reply["Payload"].read())
        except self._client.exceptions.ResourceNotFoundException:
            return _failed(requests, f"there is no proxy function {self._function}: {self._missing()}")
        except (BotoCoreError, ClientError, ValueError) as error:
            return _failed(requests, f"the proxy function could not be asked: {said_by(error)}")
        match content:
            case {"packed": str(packed)}:
                return unpack(packed.encode())
            case {"errorMessage": message}:
                return _failed(requests, f"the proxy function failed: {redact_text(str(message))}")
        return _failed(requests, "the proxy function answered something that is no answer")


def _failed(requests: list[Request], message: str) -> list[Answer]:
    """The same answer to every request: that none came."""
    failure = Answer(status=0, body=None, message=message, reason="Proxy", cut="", http=0)
    return [failure] * len(requests)


def stack_failure(client: Any, stack: str) -> str:
    """Why CloudFormation could not make a stack, as a clause. `client` is boto3's for CloudFormation."""
    try:
        events = client.describe_stack_events(StackName=stack)["StackEvents"]
    except (BotoCoreError, ClientError) as error:
        return said_by(error)
    reasons = [
        f"{e['LogicalResourceId']}: {e['ResourceStatusReason']}"
        for e in events
        if e["ResourceStatus"] == "CREATE_FAILED" and e.get("ResourceStatusReason")
    ]
    # The newest comes first; the oldest is the one that made the others fail.
    return redact_text(reasons[-1]) if reasons else f"stack {stack} has no function, and does not say why"
