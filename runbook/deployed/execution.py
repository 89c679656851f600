"""What SSM knows of an execution: its steps' outputs, and whether it has ended."""

from __future__ import annotations

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


def step_outputs(ssm: Any, execution: str) -> dict[str, dict[str, str]]:
    """The first value of every output that was set, by step and name; empty where SSM does not tell.

    `ssm` is boto3's client.
    """
    pages = ssm.get_paginator("describe_automation_step_executions")
    try:
        answer = pages.paginate(AutomationExecutionId=execution).build_full_result()
    except (BotoCoreError, ClientError):
        return {}
    return {
        step["StepName"]: {
            name: values[0]
            for name, values in step.get("Outputs", {}).items()
            if values and not values[0].startswith(NOT_THERE)
        }
        for step in answer["StepExecutions"]
    }


def has_ended(ssm: Any, execution: str) -> bool | None:
    """Whether an execution has ended; None when SSM does not know it (any more). Raises ClientError."""
    try:
        answer = ssm.get_automation_execution(AutomationExecutionId=execution)
    except ssm.exceptions.AutomationExecutionNotFoundException:
        return None
    return answer["AutomationExecution"]["AutomationExecutionStatus"] in ENDED
