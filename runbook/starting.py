"""A deployed document in an account: started, followed step by step, and its report fetched."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from runbook.commands import command
from runbook.deployed.execution import ENDED, NONE, NOT_THERE, reason
from runbook.model import UsageError
from runbook.progress import Lines
from runbook.report.build import Report
from runbook.wording import said_by

#: SSM answers three such questions per second to the whole account.
_PAUSE = 1.0
_LONGEST = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An execution that has ended.

    `report` is None where S3 does not give it: `told` says why, and `summary` has what the outputs tell,
    which is empty where there was no report at all.
    """

    status: str
    failure: str
    outputs: dict[str, str]
    report: Report | None
    summary: Report
    told: str


def start(ssm: Any, document: str, parameters: Mapping[str, str]) -> str:
    """Start a document; its execution's id. `ssm` is boto3's client. Raises UsageError."""
    given = {name: [value] for name, value in parameters.items()}
    try:
        answer = ssm.start_automation_execution(DocumentName=document, Parameters=given)
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"{document} could not be started: {said_by(error)}") from None
    return str(answer["AutomationExecutionId"])


def stop(ssm: Any, execution: str) -> None:
    """Cancel an execution; its proxy is removed before it ends. Raises UsageError."""
    try:
        ssm.stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"execution {execution} could not be stopped: {said_by(error)}") from None


def follow(
    session: Any,
    execution: str,
    lines: Lines,
    *,
    endpoint_url: str | None = None,
    pause: float = _PAUSE,
    sleep: Callable[[float], None] = time.sleep,
) -> Ended:
    """Show the steps until the execution has ended. `session` is a boto3.Session. Raises UsageError."""
    ssm = session.client("ssm", endpoint_url=endpoint_url)
    shown: set[str] = set()
    while True:
        found = _look(ssm, execution)
        for step in found.get("StepExecutions", ()):
            _show(step, shown, lines)
        if found["AutomationExecutionStatus"] in ENDED:
            break
        sleep(pause)
    outputs = {
        name.partition(".")[2]: values[0]
        for name, values in found.get("Outputs", {}).items()
        if not values[0].startswith(NOT_THERE)
    }
    report, told = _fetch(session.client("s3", endpoint_url=endpoint_url), outputs.get("ReportUri", ""))
    return Ended(
        status=found["AutomationExecutionStatus"],
        failure=reason(found.get("FailureMessage", "")),
        outputs=outputs,
        report=report,
        summary=json.loads(outputs.get("DiagnosisReport", "{}")),
        told=told,
    )


def ways_on(program: Sequence[str], document: str, execution: str, where: Sequence[str]) -> Iterator[str]:
    """The commands by which an execution that goes on is followed, or stopped.

    `where` are the options that name Region, profile and address, which the aws command line has too.
    """
    follows = command(*program, "start", document, "--execution", execution, *where)
    yield f"follow it again: {follows}"
    stopping = ("ssm", "stop-automation-execution", "--automation-execution-id", execution)
    yield f"or stop it: {command('aws', *stopping, *where)}"


def _look(ssm: Any, execution: str) -> dict[str, Any]:
    try:
        answer = ssm.get_automation_execution(AutomationExecutionId=execution)
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"execution {execution} cannot be followed: {said_by(error)}") from None
    return dict(answer["AutomationExecution"])


def _show(step: dict[str, Any], shown: set[str], lines: Lines) -> None:
    name, status = step["StepName"], step["StepStatus"]
    if name in shown or status == "Pending":
        return
    if status not in ENDED:
        lines.begin(name)
        return
    shown.add(name)
    told = step.get("Outputs", {}).get("Summary", [status])[0]
    if status != "Success":
        why = shorten(reason(step.get("FailureMessage", "")), _LONGEST, placeholder=" …")
        told = f"{status}: {why}" if why else status
    lines.end(name, told, bad=status != "Success")


def _fetch(s3: Any, address: str) -> tuple[Report | None, str]:
    """The report that lies beside `address` (s3://bucket/…/report.html) as JSON, or why there is none."""
    if not address.startswith("s3://"):
        reason = address.removeprefix(f"{NONE}: ")
        return None, f"the report is not in S3: {reason}" if reason else "the execution wrote no report"
    bucket, _, key = address.removeprefix("s3://").partition("/")
    try:
        body = s3.get_object(Bucket=bucket, Key=key.removesuffix(".html") + ".json")["Body"].read()
        return dict(json.loads(body)), ""
    except (BotoCoreError, ClientError, ValueError) as error:
        return None, f"the report cannot be read from {address}: {said_by(error)}"
