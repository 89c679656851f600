"""EventBridge: moto keeps rules and targets; here events find their rules and documents are started.

Only the default bus is known. A schedule does nothing by itself: `account.part(Deliveries).tick(rule)` is
its moment. Of targets only Automation documents are started; what others would have been given is in
`Deliveries.log`, as is every failure.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError, ParamValidationError

from runbook.local.aws.account import Account, Operation
from runbook.local.aws.event_patterns import input_of, matches, unknown_filters
from runbook.local.aws.moto_wire import AwsError, Json, not_embedded
from runbook.local.aws.principals import client

_DOCUMENT = ":automation-definition/"
_EVENTS = "events.amazonaws.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one event at one target: the execution that it started, or why none was."""

    rule: str
    target: str
    input: str
    outcome: Literal["started", "ignored", "failed"]
    detail: str = ""


class Deliveries:
    """Brings events to targets, one after the other, while those who told them go on."""

    def __init__(self, account: Account) -> None:
        self.log: list[Delivery] = []
        self._account = account
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded-events")
        self._pending: list[Future[None]] = []

    def close(self) -> None:
        """Bring no more events."""
        self._worker.shutdown(cancel_futures=True)

    def tell(self, event: Json) -> None:
        """Bring an event to the targets of all rules that it matches."""
        self._pending.append(self._worker.submit(self._bring, event))

    def tick(self, rule: str) -> None:
        """Let the moment of a scheduled rule come. Raises AwsError, and LookupError where it has none."""
        found = self._account.ask("events", "DescribeRule", Name=rule)
        if not found.get("ScheduleExpression") or found["State"] != "ENABLED":
            raise LookupError(f"rule {rule} has no schedule, or is disabled")
        event = event_of(self._account, source="aws.events", kind="Scheduled Event", resources=[found["Arn"]])
        self._pending.append(self._worker.submit(self._serve, found, event))

    def settle(self) -> None:
        """Wait until all that was told so far has been brought."""
        while self._pending:
            self._pending.pop(0).result(timeout=60)

    def _bring(self, event: Json) -> None:
        for rule in _pages(self._account, "ListRules", "Rules"):
            pattern = rule.get("EventPattern")
            if pattern and rule["State"] == "ENABLED" and matches(json.loads(pattern), event):
                self._serve(rule, event)

    def _serve(self, rule: Json, event: Json) -> None:
        for target in _pages(self._account, "ListTargetsByRule", "Targets", Rule=rule["Name"]):
            given = input_of(target, event, rule)
            outcome, detail = self._start(rule, target, given)
            self.log.append(
                Delivery(rule=rule["Name"], target=target["Arn"], input=given, outcome=outcome, detail=detail)
            )

    def _start(
        self, rule: Json, target: Json, given: str
    ) -> tuple[Literal["started", "ignored", "failed"], str]:
        if _DOCUMENT not in target["Arn"]:
            return "ignored", "the embedded account starts no targets of this kind"
        name, _, version = target["Arn"].partition(_DOCUMENT)[2].partition(":")
        chosen = {"DocumentVersion": version} if version else {}
        try:
            ssm = client(
                self._account,
                "ssm",
                role=target["RoleArn"],
                session=f"events-{rule['Name']}"[:64],
                assumed_by=_EVENTS,
                source=rule["Arn"],
            )
            answer = ssm.start_automation_execution(DocumentName=name, Parameters=json.loads(given), **chosen)
        except ClientError as error:
            return self._fail(rule, target, given, dict(error.response["Error"]))
        except AwsError as error:
            return self._fail(rule, target, given, {"Code": error.code, "Message": error.message})
        except (ParamValidationError, json.JSONDecodeError) as error:
            return self._fail(rule, target, given, {"Code": "INVALID_JSON", "Message": str(error)})
        return "started", answer["AutomationExecutionId"]

    def _fail(self, rule: Json, target: Json, given: str, error: Json) -> tuple[Literal["failed"], str]:
        """What cannot be delivered goes to the target's dead-letter queue, if it has one."""
        if queue := target.get("DeadLetterConfig", {}).get("Arn"):
            told = {
                "RULE_ARN": rule["Arn"],
                "TARGET_ARN": target["Arn"],
                "ERROR_CODE": error["Code"],
                "ERROR_MESSAGE": error["Message"],
            }
            attributes = {key: {"DataType": "String", "StringValue": text} for key, text in told.items()}
            url = self._account.ask("sqs", "GetQueueUrl", QueueName=queue.rpartition(":")[2])["QueueUrl"]
            self._account.ask(
                "sqs", "SendMessage", QueueUrl=url, MessageBody=given, MessageAttributes=attributes
            )
        return "failed", f"{error['Code']}: {error['Message']}"


def _pages(account: Account, operation: str, key: str, **parameters: Any) -> Iterator[Json]:
    while True:
        answer = account.ask("events", operation, **parameters)
        yield from answer[key]
        if not answer.get("NextToken"):
            return
        parameters["NextToken"] = answer["NextToken"]


def event_of(
    account: Account, *, source: str, kind: str, resources: list[str], detail: Json | None = None
) -> Json:
    """An event as EventBridge hands it on."""
    moment = dt.datetime.now(dt.UTC)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": account.id,
        "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "region": account.region,
        "resources": resources,
        "detail": detail or {},
    }


def put_rule(account: Account, parameters: Json) -> Json:
    pattern = json.loads(parameters.get("EventPattern", "{}"))
    for name in unknown_filters(pattern):
        raise not_embedded("events:PutRule", f"{name} in an event pattern is not known to it.")
    return account.ask("events", "PutRule", **parameters)


def put_targets(account: Account, parameters: Json) -> Json:
    for target in parameters["Targets"]:
        if _DOCUMENT in target["Arn"] and "RoleArn" not in target:
            raise AwsError("ValidationException", f"RoleArn is required for target {target['Arn']}.")
    return account.ask("events", "PutTargets", **parameters)


def put_events(account: Account, parameters: Json) -> Json:
    """Take events of one's own; moto would bring them to some kinds of target and fail at others."""
    entries = []
    for entry in parameters["Entries"]:
        if entry.get("EventBusName", "default") != "default":
            raise not_embedded("events:PutEvents", "It knows only the default event bus.")
        event = event_of(
            account,
            source=entry["Source"],
            kind=entry["DetailType"],
            resources=entry.get("Resources", []),
            detail=json.loads(entry["Detail"]),
        )
        account.part(Deliveries).tell(event)
        entries.append({"EventId": event["id"]})
    return {"FailedEntryCount": 0, "Entries": entries}


OPERATIONS: dict[str, Operation] = {
    "PutEvents": put_events,
    "PutRule": put_rule,
    "PutTargets": put_targets,
}
