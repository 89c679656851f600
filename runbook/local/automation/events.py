"""What EventBridge is told of executions and steps.

https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from runbook.local.automation.document import Json
from runbook.local.automation.records import Execution, StepRecord

if TYPE_CHECKING:
    from runbook.local.aws.account import Account


def of_execution(account: Account, execution: Execution, now: dt.datetime) -> Json:
    """The event of an execution's new status."""
    times = _times(execution.order.started, execution.ended)
    detail = {"Status": execution.status, **times, "ExecutedBy": execution.order.caller.arn}
    return _event(account, execution, "Execution", detail, now)


def of_step(account: Account, execution: Execution, record: StepRecord, now: dt.datetime) -> Json:
    """The event of a step's new status."""
    times = _times(record.started or now, record.ended)
    detail = {
        "Status": record.status, **times, "StepName": record.step.name, "Action": record.step.action,
    }  # fmt: skip
    return _event(account, execution, "Step", detail, now)


def _times(started: dt.datetime, ended: dt.datetime | None) -> Json:
    if ended is None:
        return {"StartTime": _written(started)}
    return {
        "StartTime": _written(started),
        "EndTime": _written(ended),
        "Time": float((ended - started) // dt.timedelta(milliseconds=1)),
    }


def _written(time: dt.datetime) -> str:
    """`Nov 29, 2024 7:43:20 PM`."""
    return f"{time:%b} {time.day}, {time.year} {time.hour % 12 or 12}:{time:%M:%S %p}"


def _event(account: Account, execution: Execution, what: str, detail: Json, now: dt.datetime) -> Json:
    order = execution.order
    prefix = f"arn:{account.partition}:ssm:{account.region}:{account.id}"
    name, version = order.document_name, order.document_version
    return {
        "version": "0",
        "id": str(uuid.uuid5(uuid.UUID(order.id), f"{what} {detail}")),
        "detail-type": f"EC2 Automation {what} Status-change Notification",
        "source": "aws.ssm",
        "account": account.id,
        "time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "region": account.region,
        "resources": [
            f"{prefix}:automation-execution/{order.id}",
            f"{prefix}:automation-definition/{name}:{version}",
        ],
        "detail": {
            "ExecutionId": order.id,
            "Definition": name,
            "DefinitionVersion": float(version),
            **detail,
        },
    }
