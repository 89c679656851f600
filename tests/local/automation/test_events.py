"""What EventBridge is told."""

from __future__ import annotations

import datetime as dt

from tests.local.automation.runs import (
    Json,
    account,
    api,
    automation,
    document,
    failing,
    nap,
    patiently,
    run,
    start,
)
from tests.local.aws_account import ask

EXECUTION = "EC2 Automation Execution Status-change Notification"
STEP = "EC2 Automation Step Status-change Notification"


def told(events: list[Json]) -> list[tuple[str, str]]:
    """Step (or none) and status of each event."""
    return [(event["detail"].get("StepName", ""), event["detail"]["Status"]) for event in events]


def test_every_new_status_is_told_once() -> None:
    events: list[Json] = []
    with account() as aws:
        aws.account.on_event = events.append
        run(aws, document(api("One"), failing("Two", maxAttempts=2, onFailure="step:Three"), api("Three")))
        patiently(lambda: len(events) == 8)

    assert told(events) == [
        ("", "InProgress"),
        ("One", "InProgress"),
        ("One", "Success"),
        ("Two", "InProgress"),
        ("Two", "Failed"),
        ("Three", "InProgress"),
        ("Three", "Success"),
        ("", "Failed"),
    ]


def test_a_cancellation_is_told() -> None:
    events: list[Json] = []
    with account() as aws:
        aws.account.on_event = events.append
        execution = start(aws, document(nap("Wait")))
        patiently(lambda: ("Wait", "InProgress") in told(events))
        ask(aws, "ssm", "stop_automation_execution", AutomationExecutionId=execution)
        patiently(lambda: ("", "Cancelled") in told(events))

    assert sorted(told(events)[2:]) == [("", "Cancelled"), ("", "Cancelling"), ("Wait", "Cancelled")]


def test_the_form_of_the_events() -> None:
    events: list[Json] = []
    with account() as aws:
        automation(aws)._clock = lambda: dt.datetime(2024, 11, 29, 19, 43, 20, tzinfo=dt.UTC)
        aws.account.on_event = events.append
        record = run(aws, document(api("One")))
        patiently(lambda: len(events) == 4)

    execution = record["AutomationExecutionId"]
    common = {
        "version": "0",
        "source": "aws.ssm",
        "account": "111122223333",
        "time": "2024-11-29T19:43:20Z",
        "region": "us-east-1",
        "resources": [
            f"arn:aws:ssm:us-east-1:111122223333:automation-execution/{execution}",
            "arn:aws:ssm:us-east-1:111122223333:automation-definition/Test:1",
        ],
    }
    detail = {
        "ExecutionId": execution,
        "Definition": "Test",
        "DefinitionVersion": 1.0,
        "Status": "Success",
        "StartTime": "Nov 29, 2024 7:43:20 PM",
        "EndTime": "Nov 29, 2024 7:43:20 PM",
        "Time": 0.0,
    }
    assert [{key: value for key, value in event.items() if key != "id"} for event in events[2:]] == [
        common | {"detail-type": STEP, "detail": detail | {"StepName": "One", "Action": "aws:executeAwsApi"}},
        common
        | {
            "detail-type": EXECUTION,
            "detail": detail | {"ExecutedBy": "arn:aws:iam::111122223333:user/on-call"},
        },
    ]
    assert len({event["id"] for event in events}) == 4
