"""The last steps: whether the proxy is gone, and whether the run did what it should."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from runbook.commands import aws
from runbook.deployed.event import Event
from runbook.deployed.execution import NOTHING, OUTPUTS, outputs_of, steps_of
from runbook.deployed.reporting import write_report
from runbook.deployed.store import StoreError, store_of
from runbook.deployment import proxy_stack
from runbook.report.build import with_left_behind
from runbook.wording import said_by

CONFIRMING = ("cloudformation:DescribeStacks",)
FINISHING = OUTPUTS
_GOING = "is still being deleted"
_PAUSE = 1.0
_MARGIN = 10


class RunFailed(Exception):
    """The run must end as Failed; the message is one sentence."""


def confirm_proxy_removed(
    event: Event, session: Any, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """Wait for the stack to go; add what stays to the report.

    A deletion that goes on is told but fails nothing: CloudFormation ends it, the sweeper looks after it.
    """
    stack = proxy_stack(event.deployment.execution)
    state = _wait(session.client("cloudformation"), stack, time.monotonic() + event.seconds - _MARGIN, sleep)
    if not state:
        return {"removed": True, "leftBehind": NOTHING}
    text = f"stack {stack} {state}"
    delete = aws(event.deployment.region, "cloudformation", "delete-stack", "--stack-name", stack)
    store = store_of(event, session)
    try:
        known = json.loads(store.read("report.json"))
        write_report(store, with_left_behind(known, [{"text": text, "command": delete}]))
    except StoreError:
        pass  # the outputs have it
    return {"removed": state == _GOING, "leftBehind": f"{text}; remove it: {delete}"}


def _wait(client: Any, stack: str, until: float, sleep: Callable[[float], None]) -> str:
    """What is still there of a stack, as the end of a sentence; empty when it is gone."""
    while (state := _state(client, stack)) == _GOING and time.monotonic() < until:
        sleep(_PAUSE)
    return state


def _state(client: Any, stack: str) -> str:
    try:
        found = client.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return ""
        return f"may still be there: {said_by(error)}"
    except BotoCoreError as error:
        return f"may still be there: {said_by(error)}"
    match found["StackStatus"]:
        case "DELETE_COMPLETE":
            return ""
        case "DELETE_IN_PROGRESS":
            return _GOING
        case status:
            reason = found.get("StackStatusReason", "")
            return f"is still there ({status})" + (f": {reason}" if reason else "")


def finish_run(event: Event, session: Any) -> dict[str, Any]:
    """Nothing when the run did what it should. Raises RunFailed."""
    told = outputs_of(steps_of(session.client("ssm"), event.deployment.execution))
    if not told:
        raise RunFailed("SSM does not tell how the steps of this run ended")
    if told.get("ValidateTarget", {}).get("Proceed", "").lower() == "false":
        cause = told.get("GenerateReport", {}).get("ProbableCause", "see the report")
        raise RunFailed(f"the run was stopped before anything was deployed: {cause}")
    if told.get("ConfirmProxyRemoved", {}).get("Removed", "").lower() == "false":
        raise RunFailed(f"left behind: {told['ConfirmProxyRemoved']['LeftBehind']}")
    return {}
