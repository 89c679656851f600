"""EventBridge of the embedded account: events find their rules, and documents are started."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import EmbeddedAws
from runbook.local.aws.event_patterns import input_of, matches, unknown_filters
from runbook.local.aws.events import Deliveries
from tests.local.aws_account import ACCOUNT, ask, error, state

ROLE = f"arn:aws:iam::{ACCOUNT}:role/events"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/shop-node"
HERE = f"us-east-1:{ACCOUNT}"
DOCUMENT = f"arn:aws:ssm:{HERE}:automation-definition/Sweep"
ALARM = {
    "version": "0",
    "id": "1",
    "detail-type": "CloudWatch Alarm State Change",
    "source": "aws.cloudwatch",
    "account": ACCOUNT,
    "resources": [f"arn:aws:cloudwatch:{HERE}:alarm:a"],
    "detail": {"alarmName": "shop-pods", "state": {"value": "ALARM"}, "tags": ["x", "y"], "count": 2},
}
CONTENT = {
    "schemaVersion": "0.3",
    "parameters": {"Why": {"type": "String", "default": "-"}},
    "mainSteps": [{"name": "Wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}, "isEnd": True}],
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({}, True),
        ({"source": ["aws.ssm", "aws.cloudwatch"]}, True),
        ({"source": ["aws.ssm"]}, False),
        ({"detail": {"state": {"value": ["ALARM"]}}, "source": ["aws.cloudwatch"]}, True),
        ({"detail": {"state": {"value": ["OK"]}}, "source": ["aws.cloudwatch"]}, False),
        ({"detail": {"absent": ["ALARM"]}}, False),
        ({"detail": {"alarmName": {"deeper": ["x"]}}}, False),
        ({"detail": {"tags": ["y", "z"]}}, True),
        ({"detail": {"count": [2]}}, True),
        ({"detail": {"alarmName": [{"prefix": "shop-"}]}}, True),
        ({"detail": {"alarmName": [{"prefix": "pods"}]}}, False),
        ({"detail": {"alarmName": [{"suffix": "-pods"}]}}, True),
        ({"detail": {"alarmName": [{"equals-ignore-case": "SHOP-PODS"}]}}, True),
        ({"detail": {"alarmName": [{"anything-but": "shop-pods"}]}}, False),
        ({"detail": {"alarmName": [{"anything-but": ["other"]}]}}, True),
        ({"detail": {"alarmName": [{"anything-but": {"prefix": "shop"}}]}}, False),
        ({"detail": {"absent": [{"anything-but": "x"}]}}, False),
        ({"detail": {"absent": [{"exists": False}]}}, True),
        ({"detail": {"count": [{"exists": False}]}}, False),
    ],
)
def test_a_pattern_asks_for_one_of_the_values_of_every_field(pattern: Any, expected: bool) -> None:
    assert matches(pattern, ALARM) is expected


def test_a_comparison_that_is_not_known_is_named() -> None:
    pattern = {"$or": [], "detail": {"count": [{"numeric": [">", 1]}, 3], "name": [{"prefix": "a"}]}}
    assert list(unknown_filters(pattern)) == ["$or", "numeric"]


@pytest.mark.parametrize(
    ("target", "given"),
    [
        ({"Input": '{"Why": ["fixed"]}'}, '{"Why": ["fixed"]}'),
        ({"InputPath": "$.detail.state"}, '{"value": "ALARM"}'),
        ({}, json.dumps(ALARM)),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"name": "$.detail.alarmName", "tag": "$.detail.tags[1]", "n": "$.detail.count"},
                    "InputTemplate": '{"A": [<name>], "B": ["<tag> of <name>, \\"<aws.events.rule-name>\\""], "C": <n>}',
                }
            },
            '{"A": ["shop-pods"], "B": ["y of shop-pods, \\"r\\""], "C": 2}',
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"no": "$.detail.no.such"}, "InputTemplate": '{"A": <no>, "B": "<no>"}'}},
            '{"A": null, "B": ""}',
        ),
    ],
)  # fmt: skip
def test_what_a_target_is_given(target: Any, given: str) -> None:
    assert input_of(target, ALARM, {"Name": "r", "Arn": "arn"}) == given


def policy(**statement: Any) -> Any:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


def roles() -> Any:
    start = {
        "Action": "ssm:StartAutomationExecution",
        "Resource": [
            f"arn:aws:ssm:{HERE}:{kind}" for kind in ("automation-definition/Sweep:*", "document/Sweep", "automation-execution/*")
        ],
    }  # fmt: skip
    trust = {
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{HERE}:rule/*"}},
    }
    return {
        "events": {"AssumeRolePolicyDocument": policy(**trust), "InlinePolicies": {"start": policy(**start)}}
    }


@pytest.fixture(scope="module")
def opened() -> Iterator[EmbeddedAws]:
    account = state()
    account["roles"] = {**account["roles"], **roles()}
    with EmbeddedAws(account) as embedded:
        ask(
            embedded,
            "ssm",
            "create_document",
            Name="Sweep",
            DocumentType="Automation",
            DocumentFormat="JSON",
            Content=json.dumps(CONTENT),
        )
        yield embedded


@pytest.fixture
def aws(opened: EmbeddedAws) -> Iterator[EmbeddedAws]:
    yield opened
    deliveries(opened).settle()
    deliveries(opened).log.clear()
    for made in ask(opened, "events", "list_rules")["Rules"]:
        targets = ask(opened, "events", "list_targets_by_rule", Rule=made["Name"])["Targets"]
        for target in targets:
            ask(opened, "events", "remove_targets", Rule=made["Name"], Ids=[target["Id"]])
        ask(opened, "events", "delete_rule", Name=made["Name"])


def deliveries(aws: EmbeddedAws) -> Deliveries:
    return aws.account.part(Deliveries)


def rule(aws: EmbeddedAws, *, target: Any, **more: Any) -> str:
    """Make a rule with one target; its ARN."""
    arn: str = ask(aws, "events", "put_rule", Name="r", **more)["RuleArn"]
    answer = ask(aws, "events", "put_targets", Rule="r", Targets=[{"Id": "1", **target}])
    assert answer == {"FailedEntryCount": 0, "FailedEntries": []}
    return arn


def told(aws: EmbeddedAws, detail: Any) -> None:
    entry = {"Source": "shop", "DetailType": "Alarm", "Detail": json.dumps(detail)}
    assert ask(aws, "events", "put_events", Entries=[entry])["FailedEntryCount"] == 0
    deliveries(aws).settle()


def execution(aws: EmbeddedAws, identity: str) -> Any:
    """An execution, once it has ended."""
    for _ in range(100):
        found = ask(aws, "ssm", "get_automation_execution", AutomationExecutionId=identity)
        if found["AutomationExecution"]["AutomationExecutionStatus"] not in ("Pending", "InProgress"):
            return found["AutomationExecution"]
        time.sleep(0.1)
    raise AssertionError(f"{identity} does not end")


PATTERN = json.dumps({"source": ["shop"], "detail": {"pod": [{"prefix": "orders"}]}})
TRANSFORMER = {"InputPathsMap": {"pod": "$.detail.pod"}, "InputTemplate": '{"Why": [<pod>]}'}


def test_an_event_starts_a_document_as_the_targets_role(aws: EmbeddedAws) -> None:
    rule(
        aws,
        EventPattern=PATTERN,
        target={"Arn": DOCUMENT, "RoleArn": ROLE, "InputTransformer": TRANSFORMER},
    )
    told(aws, {"pod": "carts-0"})
    assert deliveries(aws).log == []
    told(aws, {"pod": "orders-0"})
    (delivery,) = deliveries(aws).log
    assert (delivery.rule, delivery.target, delivery.outcome) == ("r", DOCUMENT, "started")
    assert delivery.input == '{"Why": ["orders-0"]}'
    started = execution(aws, delivery.detail)
    assert started["Parameters"]["Why"] == ["orders-0"]
    assert started["ExecutedBy"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/events/events-r"
    assert started["AutomationExecutionStatus"] == "Success"


def test_the_end_of_an_execution_is_an_event(aws: EmbeddedAws) -> None:
    pattern = {"source": ["aws.ssm"], "detail": {"Status": ["Success"], "Definition": ["Sweep"]}}
    kind = {"detail-type": ["EC2 Automation Execution Status-change Notification"]}
    queue = f"arn:aws:sqs:{HERE}:watchers"
    rule(
        aws,
        EventPattern=json.dumps(pattern | kind),
        target={"Arn": queue, "InputPath": "$.detail.ExecutionId"},
    )
    started = ask(aws, "ssm", "start_automation_execution", DocumentName="Sweep")["AutomationExecutionId"]
    execution(aws, started)
    for _ in range(50):
        deliveries(aws).settle()
        if deliveries(aws).log:
            break
        time.sleep(0.1)
    (delivery,) = deliveries(aws).log
    assert (delivery.target, delivery.outcome, delivery.input) == (queue, "ignored", json.dumps(started))
    assert delivery.detail == "the embedded account starts no targets of this kind"


def test_a_schedule_comes_when_it_is_told_to(aws: EmbeddedAws) -> None:
    arn = rule(
        aws, ScheduleExpression="rate(1 hour)", target={"Arn": DOCUMENT, "RoleArn": ROLE, "Input": "{}"}
    )
    deliveries(aws).tick("r")
    deliveries(aws).settle()
    (delivery,) = deliveries(aws).log
    assert (delivery.outcome, arn) == ("started", f"arn:aws:events:{HERE}:rule/r")
    ask(aws, "events", "disable_rule", Name="r")
    with pytest.raises(LookupError, match="rule r has no schedule, or is disabled"):
        deliveries(aws).tick("r")


def dead_letters(aws: EmbeddedAws, url: str) -> Any:
    (message,) = ask(aws, "sqs", "receive_message", QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    ask(aws, "sqs", "delete_message", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    told = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    return message["Body"], told


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        (
            {"Arn": DOCUMENT, "RoleArn": OTHER, "Input": "{}"},
            "AccessDenied",
            f"User: events.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: {OTHER}",
        ),
        (
            {"Arn": f"{DOCUMENT}s", "RoleArn": ROLE, "Input": "{}"},
            "AccessDeniedException",
            f"User: arn:aws:sts::{ACCOUNT}:assumed-role/events/events-r is not authorized to perform:"
            f" ssm:StartAutomationExecution on resource: {DOCUMENT}s:$DEFAULT because no identity-based policy"
            " allows the ssm:StartAutomationExecution action",
        ),
        (
            {"Arn": DOCUMENT, "RoleArn": ROLE, "Input": '{"Why": "no list"}'},
            "INVALID_JSON",
            "Parameter validation failed:\nInvalid type for parameter Parameters.Why, value: no list, type:"
            " <class 'str'>, valid types: <class 'list'>, <class 'tuple'>",
        ),
        (
            {"Arn": DOCUMENT, "RoleArn": ROLE, "Input": json.dumps({"AutomationAssumeRole": [OTHER]})},
            "AccessDeniedException",
            f"User: arn:aws:sts::{ACCOUNT}:assumed-role/events/events-r is not authorized to perform: iam:PassRole"
            f" on resource: {OTHER} because no identity-based policy allows the iam:PassRole action",
        ),
    ],
)
def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue(
    aws: EmbeddedAws, target: Any, code: str, words: str
) -> None:
    url = ask(aws, "sqs", "create_queue", QueueName="dead")["QueueUrl"]
    dead = {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{HERE}:dead"}}
    arn = rule(aws, EventPattern=PATTERN, target=target | dead)
    told(aws, {"pod": "orders-0"})
    (delivery,) = deliveries(aws).log
    assert (delivery.outcome, delivery.detail) == ("failed", f"{code}: {words}")
    assert dead_letters(aws, url) == (
        target["Input"],
        {"RULE_ARN": arn, "TARGET_ARN": target["Arn"], "ERROR_CODE": code, "ERROR_MESSAGE": words},
    )


def test_what_eventbridge_refuses(aws: EmbeddedAws) -> None:
    ask(aws, "events", "put_rule", Name="r", EventPattern=PATTERN)
    target = [{"Id": "1", "Arn": DOCUMENT}]
    assert error(aws, "events", "put_targets", Rule="r", Targets=target) == (
        "ValidationException",
        f"RoleArn is required for target {DOCUMENT}.",
        400,
    )
    numeric = json.dumps({"detail": {"n": [{"numeric": [">", 1]}]}})
    assert error(aws, "events", "put_rule", Name="r", EventPattern=numeric) == (
        "NotEmbedded",
        "events:PutRule is not part of the embedded account. numeric in an event pattern is not known to it.",
        501,
    )
