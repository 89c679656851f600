"""Lambda's operations on functions, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import ACCOUNT, GROUP, SUBNET_A, VPC, Json, ask, client, error, state
from tests.local.aws_stacks import role, zipped

ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/function"
ATTACHED = {"SubnetIds": [SUBNET_A], "SecurityGroupIds": [GROUP]}
HANDLER = """
import os, sys, time

def handler(event, context):
    print("asked for", event)
    if "sleep" in event:
        time.sleep(event["sleep"])
    if "size" in event:
        return "x" * event["size"]
    return {"event": event, "value": os.environ.get("VALUE"), "name": context.function_name}
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state()) as opened:
        role(opened, "function", "lambda.amazonaws.com", "ec2:CreateNetworkInterface")
        role(opened, "without-network", "lambda.amazonaws.com")
        role(opened, "of-another-service", "ec2.amazonaws.com")
        yield opened


def _asked(name: str, **more: Any) -> Json:
    return {
        "FunctionName": name,
        "Role": ROLE_ARN,
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Code": {"ZipFile": zipped(HANDLER)},
        **more,
    }


def _invoke(aws: EmbeddedAws, name: str, event: Json, **more: Any) -> Json:
    answer = ask(aws, "lambda", "invoke", FunctionName=name, Payload=json.dumps(event), **more)
    body = answer.pop("Payload").read()
    return answer | {"Payload": json.loads(body) if body else None}


def test_a_function_is_made_told_changed_and_taken_away(aws: EmbeddedAws) -> None:
    made = ask(aws, "lambda", "create_function", **_asked("life", Environment={"Variables": {"VALUE": "1"}}))
    first = _invoke(aws, "life", {"a": 1}, LogType="Tail")
    ask(aws, "lambda", "update_function_configuration", FunctionName="life", Environment={"Variables": {}})
    second = _invoke(aws, f"{ARN}life", {"a": 2})
    ask(aws, "lambda", "delete_function", FunctionName="life")

    code = _asked("life")["Code"]["ZipFile"]
    assert {key: made[key] for key in ("FunctionArn", "CodeSha256", "CodeSize", "Timeout", "State")} == {
        "FunctionArn": f"{ARN}life",
        "CodeSha256": base64.b64encode(hashlib.sha256(code).digest()).decode(),
        "CodeSize": len(code),
        "Timeout": 3,
        "State": "Active",
    }
    assert first["Payload"] == {"event": {"a": 1}, "value": "1", "name": "life"}
    assert "asked for {'a': 1}" in base64.b64decode(first["LogResult"]).decode()
    assert second["Payload"]["value"] is None
    for operation in ("get_function", "get_function_configuration", "invoke", "delete_function"):
        assert error(aws, "lambda", operation, FunctionName="life") == (
            "ResourceNotFoundException",
            f"Function not found: {ARN}life",
            404,
        )


def test_a_function_in_a_vpc_is_pending_for_a_moment(
    aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runbook.local.aws.functions._ATTACHING", 2)
    made = ask(aws, "lambda", "create_function", **_asked("attached", VpcConfig=ATTACHED))
    refused = error(aws, "lambda", "invoke", FunctionName="attached")
    client(aws, "lambda").get_waiter("function_active_v2").wait(
        FunctionName="attached", WaiterConfig={"Delay": 1, "MaxAttempts": 5}
    )

    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    assert made["VpcConfig"] == ATTACHED | {"VpcId": VPC}
    assert refused == (
        "ResourceConflictException",
        "The operation cannot be performed at this time. The function is currently in the following state:"
        " Pending",
        409,
    )
    assert _invoke(aws, "attached", {})["StatusCode"] == 200


def test_a_function_that_is_late_is_ended(aws: EmbeddedAws) -> None:
    ask(aws, "lambda", "create_function", **_asked("late", Timeout=1))
    answer = _invoke(aws, "late", {"sleep": 5})

    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert answer["Payload"]["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert _invoke(aws, "late", {})["Payload"]["name"] == "late"


def test_payloads_have_a_limit_both_ways(aws: EmbeddedAws) -> None:
    ask(aws, "lambda", "create_function", **_asked("limited"))
    answer = _invoke(aws, "limited", {"size": 6 * 1024 * 1024})

    assert answer["Payload"] == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    large = json.dumps("x" * 6 * 1024 * 1024)
    assert error(aws, "lambda", "invoke", FunctionName="limited", Payload=large) == (
        "RequestTooLargeException",
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
        413,
    )
    assert error(aws, "lambda", "invoke", FunctionName="limited", Payload="{")[0] == (
        "InvalidRequestContentException"
    )
    assert _invoke(aws, "limited", {}, InvocationType="DryRun")["StatusCode"] == 204


def test_tags_are_kept_beside_the_function(aws: EmbeddedAws) -> None:
    ask(aws, "lambda", "create_function", **_asked("tagged", Tags={"a": "1", "b": "2"}))
    ask(aws, "lambda", "tag_resource", Resource=f"{ARN}tagged", Tags={"c": "3"})
    ask(aws, "lambda", "untag_resource", Resource=f"{ARN}tagged", TagKeys=["a", "z"])

    assert ask(aws, "lambda", "list_tags", Resource=f"{ARN}tagged") == {"Tags": {"b": "2", "c": "3"}}
    assert ask(aws, "lambda", "get_function", FunctionName="tagged")["Tags"] == {"b": "2", "c": "3"}


def _bomb() -> bytes:
    """A zip that is small, and larger than Lambda allows once unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.py", b"\0" * 262_144_001)
    return packed.getvalue()


INVALID = "InvalidParameterValueException"
VARIABLES = "Lambda was unable to configure your environment variables because the environment variables you have provided"


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"Role": f"arn:aws:iam::{ACCOUNT}:role/of-another-service"}, INVALID, "The role defined for the function cannot be assumed by Lambda."),
        ({"Role": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, INVALID, "The role defined for the function cannot be assumed by Lambda."),
        ({"Code": {"ZipFile": b"no zip"}}, INVALID, "Could not unzip uploaded file. Please check your file, then try to upload again."),
        ({"Code": {"S3Bucket": "no-such-bucket-here", "S3Key": "k"}}, INVALID, "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"),
        ({"Code": {}}, INVALID, "Please provide a source for function code."),
        ({"Handler": ""}, INVALID, "Runtime and Handler are mandatory parameters for functions created with deployment packages."),
        ({"Environment": {"Variables": {"A": "x" * 4096}}}, INVALID, f"{VARIABLES} exceeded the 4KB limit. String measured: 4097 bytes"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, INVALID, f"{VARIABLES} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION"),
        ({"Timeout": 901}, "ValidationException", "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"),
        ({"MemorySize": 128, "FunctionName": "two words"}, "ValidationException", "1 validation error detected: Value 'two words' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}"),
        ({"VpcConfig": {"SubnetIds": [SUBNET_A]}}, INVALID, "SubnetIds and SecurityIds must coexist or be both empty list."),
        ({"VpcConfig": ATTACHED | {"SubnetIds": ["subnet-0dead000000000001"]}}, INVALID, "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-0dead000000000001' does not exist"),
        ({"VpcConfig": ATTACHED, "Role": f"arn:aws:iam::{ACCOUNT}:role/without-network"}, INVALID, "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"),
    ],
)  # fmt: skip
def test_what_lambda_refuses(aws: EmbeddedAws, more: Json, code: str, words: str) -> None:
    assert error(aws, "lambda", "create_function", **_asked("refused", **more)) == (code, words, 400)


def test_code_is_measured_unpacked(aws: EmbeddedAws) -> None:
    refused = error(aws, "lambda", "create_function", **_asked("bomb", Code={"ZipFile": _bomb()}))

    assert refused == (INVALID, "Unzipped size must be smaller than 262144000 bytes", 400)


def test_a_name_is_given_once(aws: EmbeddedAws) -> None:
    ask(aws, "lambda", "create_function", **_asked("once"))

    assert error(aws, "lambda", "create_function", **_asked("once")) == (
        "ResourceConflictException",
        "Function already exist: once",
        409,
    )


def test_what_is_not_embedded_says_so(aws: EmbeddedAws) -> None:
    ask(aws, "lambda", "create_function", **_asked("plain"))
    event = error(aws, "lambda", "invoke", FunctionName="plain", InvocationType="Event")
    alias = error(aws, "lambda", "create_alias", FunctionName="plain", Name="a", FunctionVersion="1")

    traced = error(aws, "lambda", "create_function", **_asked("traced", TracingConfig={"Mode": "Active"}))

    assert (
        traced[1]
        == "lambda:CreateFunction is not part of the embedded account. Neither is its parameter TracingConfig."
    )
    assert event[::2] == ("NotEmbedded", 501)
    assert alias == ("NotEmbedded", "lambda:CreateAlias is not part of the embedded account.", 501)
