"""The sweeper: deletes what runs could not delete, and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from runbook.deployed.execution import NOTHING, STATUS, has_ended
from runbook.deployment import EXECUTION_TAG, EXPIRES_TAG, PREFIX
from runbook.wording import said_by

CALLS = ("cloudformation:DescribeStacks", "cloudformation:DeleteStack", *STATUS)
#: Characters: SSM takes 100 KB from a step.
_MOST_IN_OUTPUT = 20_000
_OURS = re.compile(rf"{PREFIX}-([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")


def sweep(session: Any) -> dict[str, Any]:
    """Delete the stacks of ended executions; the step's outputs name what was deleted and what stays."""
    cloudformation, ssm = session.client("cloudformation"), session.client("ssm")
    deleted, left = [], []
    for stack in cloudformation.get_paginator("describe_stacks").paginate().build_full_result()["Stacks"]:
        execution = _execution(stack)
        if not execution or stack["StackStatus"] == "DELETE_IN_PROGRESS":
            continue
        name = stack["StackName"]
        try:
            if not _over(ssm, execution, stack):
                continue
            cloudformation.delete_stack(StackName=name)
        except (BotoCoreError, ClientError) as error:
            left.append(f"{name}: {said_by(error)}")
            continue
        deleted.append(name)
        if stack["StackStatus"] == "DELETE_FAILED":
            left.append(
                f"{name}: {stack.get('StackStatusReason', 'an earlier deletion failed')}; tried again"
            )
    told = {"deleted": ", ".join(deleted), "left": "; ".join(left)}
    return {name: text[:_MOST_IN_OUTPUT] or NOTHING for name, text in told.items()}


def _execution(stack: dict[str, Any]) -> str:
    """The execution that a stack belongs to; empty for one that is not ours by both name and tag."""
    named = _OURS.fullmatch(stack["StackName"])
    return named[1] if named and _tags(stack).get(EXECUTION_TAG) == named[1] else ""


def _over(ssm: Any, execution: str, stack: dict[str, Any]) -> bool:
    """Whether the execution has ended. SSM forgets one after 30 days; then its tag tells."""
    ended = has_ended(ssm, execution)
    if ended is not None:
        return ended
    try:
        return datetime.fromisoformat(_tags(stack)[EXPIRES_TAG]) < datetime.now(UTC)
    except (KeyError, ValueError, TypeError):  # no tag, no time, a time without a zone
        return False


def _tags(stack: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())}
