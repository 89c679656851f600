"""Executions that are stopped, and steps at which something is made to happen."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runbook.local.automation.engine import Fault
from runbook.local.aws import EmbeddedAws
from tests.local.automation.runs import (
    Json,
    account,
    api,
    automation,
    begin,
    create,
    document,
    ended,
    nap,
    outcome,
    patiently,
    run,
    script,
    start,
    step,
)
from tests.local.aws_account import ask, error

STOP = "stop_automation_execution"


def reached(aws: EmbeddedAws, execution: str, name: str) -> None:
    records = automation(aws).find(execution).records
    patiently(lambda: records[name].status == "InProgress")


def cancelled(content: Json, name: str, how: str = "Cancel") -> tuple[str, dict[str, str]]:
    with account() as aws:
        execution = start(aws, content)
        reached(aws, execution, name)
        assert ask(aws, "ssm", STOP, AutomationExecutionId=execution, Type=how) == {}
        return outcome(ended(aws, execution))


def test_the_running_step_is_cancelled_and_no_other_runs() -> None:
    assert cancelled(document(nap("Wait"), api("Two")), "Wait") == (
        "Cancelled",
        {"Wait": "Cancelled", "Two": "Pending"},
    )


def test_what_on_cancel_names_is_followed_to_its_end() -> None:
    content = document(
        nap("Wait", onCancel="step:Tidy"), api("Two"), api("Tidy"), api("Report", isEnd=True), api("Never")
    )
    assert cancelled(content, "Wait") == (
        "Cancelled",
        {"Wait": "Cancelled", "Two": "Pending", "Tidy": "Success", "Report": "Success", "Never": "Pending"},
    )


def test_a_script_is_killed_with_what_it_started(tmp_path: Path) -> None:
    code = """
import pathlib, subprocess
def run(events, context):
    child = subprocess.Popen(["/bin/sleep", "600"])
    file = pathlib.Path(events["file"])
    file.with_suffix(".new").write_text(str(child.pid))
    file.with_suffix(".new").rename(file)
    child.wait()
"""
    file = tmp_path / "pid"
    with account() as aws:
        execution = start(aws, document(script("Wait", code, {"file": str(file)}), api("Two")))
        patiently(file.exists)
        ask(aws, "ssm", STOP, AutomationExecutionId=execution)
        assert outcome(ended(aws, execution)) == ("Cancelled", {"Wait": "Cancelled", "Two": "Pending"})
        patiently(lambda: not alive(int(file.read_text())))


def alive(pid: int) -> bool:
    """Whether a process runs; one that was killed, and waits to be noticed by its parent, does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")


def test_the_flow_after_a_cancellation_has_a_limit() -> None:
    content = document(
        nap("Wait", onCancel="step:Tidy"),
        step("Tidy", "branch", Choices=[]),
        nap("Slow"),
        api("Never"),
    )
    with account() as aws:
        automation(aws).cancel_seconds = 1.5
        execution = start(aws, content)
        reached(aws, execution, "Wait")
        ask(aws, "ssm", STOP, AutomationExecutionId=execution)
        record = ended(aws, execution)

    assert outcome(record) == (
        "Cancelled",
        {"Wait": "Cancelled", "Tidy": "Success", "Slow": "Cancelled", "Never": "Pending"},
    )
    message = "The flow after a cancellation may take 1.5 s."
    assert record["StepExecutions"][2]["FailureMessage"] == message


def test_while_it_is_cancelling_it_says_so_and_is_not_stopped_again() -> None:
    content = document(nap("Wait", onCancel="step:Tidy"), api("Tidy"), nap("Hold"))
    with account() as aws:
        execution = start(aws, content)
        reached(aws, execution, "Wait")
        ask(aws, "ssm", STOP, AutomationExecutionId=execution)
        reached(aws, execution, "Hold")
        described = ask(aws, "ssm", "get_automation_execution", AutomationExecutionId=execution)
        refusal = error(aws, "ssm", STOP, AutomationExecutionId=execution)

    assert described["AutomationExecution"]["AutomationExecutionStatus"] == "Cancelling"
    assert refusal == (
        "InvalidAutomationStatusUpdateException", "The specified update status operation is not valid.", 400,
    )  # fmt: skip


def test_complete_lets_the_running_step_end() -> None:
    content = document(nap("Wait", 1), api("Two"))
    assert cancelled(content, "Wait", "Complete") == ("Success", {"Wait": "Success", "Two": "Pending"})


def test_what_has_ended_cannot_be_stopped() -> None:
    with account() as aws:
        execution = run(aws, document(api("One")))["AutomationExecutionId"]
        assert error(aws, "ssm", STOP, AutomationExecutionId=execution) == (
            "InvalidAutomationStatusUpdateException",
            "The specified update status operation is not valid.",
            400,
        )


def test_what_never_was_cannot_be_stopped() -> None:
    with account() as aws:
        assert error(aws, "ssm", STOP, AutomationExecutionId="0" * 36) == (
            "AutomationExecutionNotFoundException",
            "There is no automation execution information for the requested automation execution ID.",
            400,
        )


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("crash", ("Failed", {"One": "Success", "Two": "Failed", "Tidy": "Success"})),
        ("timeout", ("Failed", {"One": "Success", "Two": "TimedOut", "Tidy": "Success"})),
        ("cancel", ("Cancelled", {"One": "Success", "Two": "Cancelled", "Tidy": "Success"})),
    ],
)
def test_a_fault_can_be_put_at_any_step(fault: Fault, expected: tuple[str, dict[str, str]]) -> None:
    content = document(api("One"), api("Two", onFailure="step:Tidy", onCancel="step:Tidy"), api("Tidy"))
    with account() as aws:
        create(aws, content)
        automation(aws).faults["Two"] = fault
        assert outcome(ended(aws, begin(aws))) == expected


def test_a_crash_says_that_it_was_put_there() -> None:
    with account() as aws:
        create(aws, document(api("One")))
        automation(aws).faults["One"] = "crash"
        record = ended(aws, begin(aws))

    assert record["FailureMessage"] == (
        "Step fails when it is Execute/Cancelling action. Injected fault: the step crashes. Please refer to "
        "Automation Service Troubleshooting Guide for more diagnosis details."
    )
