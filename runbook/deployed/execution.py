"""What SSM knows of an execution: its steps' outputs, and whether it has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

OUTPUTS = ("ssm:DescribeAutomationStepExecutions",)
STATUS = ("ssm:GetAutomationExecution",)
#: The states in which an execution or a step stays.
ENDED = frozenset(
    {
        "Success", "Failed", "Cancelled", "TimedOut", "Rejected", "Exited",
        "CompletedWithSuccess", "CompletedWithFailure",
    }
)  # fmt: skip
#: How the text begins that SSM puts in place of an output of a step that did not succeed.
NOT_THERE = "No output available yet"
#: For an output that would be empty, which SSM does not have.
NONE = "none"
NOTHING = "nothing"


def steps_of(ssm: Any, execution: str) -> list[dict[str, Any]]:
    """The steps of an execution; none where SSM does not tell. `ssm` is boto3's client."""
    pages = ssm.get_paginator("describe_automation_step_executions")
    try:
        return list(pages.paginate(AutomationExecutionId=execution).build_full_result()["StepExecutions"])
    except (BotoCoreError, ClientError):
        return []


def outputs_of(steps: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """The first value of every output that was set, by step and name."""
    return {
        step["StepName"]: {
            name: values[0]
            for name, values in step.get("Outputs", {}).items()
            if values and not values[0].startswith(NOT_THERE)
        }
        for step in steps
    }


def interruptions(steps: list[dict[str, Any]]) -> Iterator[str]:
    """A sentence for each step that did not do its work."""
    for step in steps:
        name, why = step["StepName"], reason(step.get("FailureMessage", "")).rstrip(".")
        match step["StepStatus"]:
            case "Cancelled":
                yield f"The run was cancelled in step {name}. What it had not asked by then is not checked."
            case "Failed" | "TimedOut":
                why = why or "SSM does not say why"
                yield f"Step {name} failed: {why}. What only it asks is not checked."


def reason(message: str) -> str:
    """The sentence in a failure message, which may begin with a traceback and end with a guide's name."""
    told = message.rpartition("\n\n")[2].partition(" Please refer to Automation")[0]
    told = re.sub(r"^Step fails when it is [^.]+\. ", "", told)
    raised = re.match(r"[A-Za-z_.]+ - ", told)
    return " ".join((told[raised.end() :] if raised else told).split())


def has_ended(ssm: Any, execution: str) -> bool | None:
    """Whether an execution has ended; None when SSM does not know it (any more). Raises ClientError."""
    try:
        answer = ssm.get_automation_execution(AutomationExecutionId=execution)
    except ssm.exceptions.AutomationExecutionNotFoundException:
        return None
    return answer["AutomationExecution"]["AutomationExecutionStatus"] in ENDED
