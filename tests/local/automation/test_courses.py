"""How documents go: which step follows which, what conditions and failures do, and the final status.

All run on one account, which takes half a second to open.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import EmbeddedAws
from tests.local.automation.runs import (
    EXECUTING,
    GUIDE,
    POLLING,
    Json,
    account,
    api,
    course,
    document,
    failing,
    nap,
    run_another,
    step,
)

NEVER = [{"NextStep": "Two", "Variable": "a", "StringEquals": "b"}]


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with account() as opened:
        yield opened


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            document(api("One"), api("Two")),
            ("Success", {"One": "Success", "Two": "Success"}),
            id="steps run in order",
        ),
        pytest.param(
            document(api("One", nextStep="Three"), api("Two"), api("Three")),
            ("Success", {"One": "Success", "Two": "Pending", "Three": "Success"}),
            id="nextStep jumps",
        ),
        pytest.param(
            document(api("One", isEnd=True), api("Two")),
            ("Success", {"One": "Success", "Two": "Pending"}),
            id="isEnd ends after a success",
        ),
        pytest.param(
            document(failing("One", isEnd=True, onFailure="step:Two"), api("Two")),
            ("Failed", {"One": "Failed", "Two": "Pending"}),
            id="isEnd ends after a failure",
        ),
        pytest.param(
            document(failing("One"), api("Two")),
            ("Failed", {"One": "Failed", "Two": "Pending"}),
            id="a failure aborts",
        ),
        pytest.param(
            document(failing("One", onFailure="Continue"), api("Two")),
            ("Success", {"One": "Failed", "Two": "Success"}),
            id="Continue makes a step uncritical",
        ),
        pytest.param(
            document(failing("One", onFailure="Continue", isCritical=True), api("Two")),
            ("Failed", {"One": "Failed", "Two": "Success"}),
            id="a critical step that continues fails the run",
        ),
        pytest.param(
            document(failing("One", onFailure="step:Three"), api("Two"), api("Three")),
            ("Failed", {"One": "Failed", "Two": "Pending", "Three": "Success"}),
            id="a jump after a failure still fails the run",
        ),
        pytest.param(
            document(failing("One", onFailure="step:Two", isCritical=False), api("Two")),
            ("Success", {"One": "Failed", "Two": "Success"}),
            id="an uncritical failure does not",
        ),
        pytest.param(
            document(nap("One", timeoutSeconds=1), api("Two")),
            ("TimedOut", {"One": "TimedOut", "Two": "Pending"}),
            id="a step out of time ends the run TimedOut",
        ),
        pytest.param(
            document(nap("One", timeoutSeconds=1, onFailure="step:Two"), api("Two")),
            ("Failed", {"One": "TimedOut", "Two": "Success"}),
            id="a step out of time follows onFailure",
        ),
        pytest.param(
            document(nap("One", timeoutSeconds=1, onFailure="Continue"), api("Two")),
            ("Success", {"One": "TimedOut", "Two": "Success"}),
            id="out of time and uncritical",
        ),
        pytest.param(
            document(failing("One", onFailure="step:Two"), nap("Two", timeoutSeconds=1)),
            ("TimedOut", {"One": "Failed", "Two": "TimedOut"}),
            id="the step that aborted gives the status",
        ),
    ],
)
def test_where_a_document_goes(aws: EmbeddedAws, content: Json, expected: tuple[str, dict[str, str]]) -> None:
    assert course(aws, content) == expected


def failure(aws: EmbeddedAws, content: Json) -> str:
    return str(run_another(aws, content)["FailureMessage"])


def property_step(action: str, *wanted: str, **more: Any) -> Json:
    inputs = {"name": "shop", "PropertySelector": "$.cluster.status", "DesiredValues": list(wanted)}
    return step("Check", action, Service="eks", Api="DescribeCluster", **inputs) | more


def test_assert_succeeds_and_fails(aws: EmbeddedAws) -> None:
    assert course(aws, document(property_step("assertAwsResourceProperty", "ACTIVE"))) == (
        "Success",
        {"Check": "Success"},
    )
    assert failure(aws, document(property_step("assertAwsResourceProperty", "DELETING", "FAILED"))) == (
        f"{POLLING}Property value from the API output is not equal to any desired value: "
        f'ACTIVE is not in ["DELETING", "FAILED"]. {GUIDE}'
    )


def test_wait_runs_out_of_time(aws: EmbeddedAws) -> None:
    content = document(property_step("waitForAwsResourceProperty", "DELETING", timeoutSeconds=1))
    assert course(aws, content) == ("TimedOut", {"Check": "TimedOut"})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"Variable": "{{ P }}", "StringEquals": "Shop"}, True),
        ({"Variable": "{{ P }}", "StringEquals": "shop"}, False),
        ({"Variable": "{{ P }}", "EqualsIgnoreCase": "shop"}, True),
        ({"Variable": "{{ P }}", "StartsWith": "Sh"}, True),
        ({"Variable": "{{ P }}", "EndsWith": "Sh"}, False),
        ({"Variable": "{{ P }}", "Contains": "ho"}, True),
        ({"Variable": "{{ N }}", "NumericEquals": 3}, True),
        ({"Variable": "{{ N }}", "NumericGreater": 3}, False),
        ({"Variable": "{{ N }}", "NumericLesser": 4}, True),
        ({"Variable": "{{ N }}", "NumericGreaterOrEquals": 3}, True),
        ({"Variable": "{{ N }}", "NumericLesserOrEquals": 2}, False),
        ({"Variable": "{{ B }}", "BooleanEquals": True}, True),
        ({"Variable": "{{ B }}", "BooleanEquals": False}, False),
        ({"And": [{"Variable": "a", "StringEquals": "a"}, {"Variable": "b", "StringEquals": "c"}]}, False),
        ({"Or": [{"Variable": "a", "StringEquals": "b"}, {"Variable": "b", "StringEquals": "b"}]}, True),
        ({"Not": {"Variable": "a", "StringEquals": "b"}}, True),
        ({"And": [{"Not": {"Variable": "a", "StringEquals": "b"}}, {"Or": [{"Variable": "a", "StringEquals": "a"}]}]}, True),
    ],
)  # fmt: skip
def test_branch_conditions(aws: EmbeddedAws, condition: Json, holds: bool) -> None:
    parameters = {
        "P": {"type": "String", "default": "Shop"},
        "N": {"type": "Integer", "default": 3},
        "B": {"type": "Boolean", "default": True},
    }
    content = document(
        step("Choose", "branch", Choices=[{"NextStep": "Yes", **condition}], Default="No"),
        api("Yes", isEnd=True),
        api("No"),
        parameters=parameters,
    )
    went = {"Yes": "Success", "No": "Pending"} if holds else {"Yes": "Pending", "No": "Success"}
    assert course(aws, content) == ("Success", {"Choose": "Success", **went})


def test_branch_without_default_goes_on_below_or_ends(aws: EmbeddedAws) -> None:
    choose = step("Choose", "branch", Choices=NEVER)
    assert course(aws, document(choose, api("One"), api("Two"))) == (
        "Success", {"Choose": "Success", "One": "Success", "Two": "Success"},
    )  # fmt: skip
    assert course(aws, document(choose | {"isEnd": True}, api("One"), api("Two"))) == (
        "Success", {"Choose": "Success", "One": "Pending", "Two": "Pending"},
    )  # fmt: skip


def test_branch_with_what_cannot_be_compared(aws: EmbeddedAws) -> None:
    choices = [{"NextStep": "Two", "Variable": "x", "NumericEquals": 3}]
    assert failure(aws, document(step("Choose", "branch", Choices=choices), api("Two"))) == (
        "Step fails when it is validating and resolving the step inputs. NumericEquals cannot be applied: "
        f"could not convert string to float: 'x'. {GUIDE}"
    )


def test_sleep(aws: EmbeddedAws) -> None:
    begun = time.monotonic()
    assert course(aws, document(step("Nap", "sleep", Duration="PT1S")))[0] == "Success"
    assert time.monotonic() - begun >= 1
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC).isoformat()
    assert course(aws, document(step("Nap", "sleep", Timestamp=past)))[0] == "Success"
    assert failure(aws, document(step("Nap", "sleep", Duration="soon"))) == (
        "Step fails when it is validating and resolving the step inputs. 'soon' is not an ISO 8601 duration. "
        f"{GUIDE}"
    )


@pytest.mark.parametrize(
    ("service", "operation", "inputs", "words"),
    [
        ("s4", "ListBuckets", {}, "Unknown service: 's4'. Valid service names are: "),
        ("s3", "ListBucketz", {}, "The service s3 has no operation ListBucketz."),
        ("eks", "DescribeCluster", {}, 'Parameter validation failed:\nMissing required parameter in input: "name".'),
        ("eks", "DescribeCluster", {"name": "x"}, "An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: x."),
    ],
)  # fmt: skip
def test_execute_aws_api_fails_as_boto3_says(
    aws: EmbeddedAws, service: str, operation: str, inputs: Json, words: str
) -> None:
    assert failure(aws, document(api("One", service, operation, inputs=inputs))).startswith(EXECUTING + words)
