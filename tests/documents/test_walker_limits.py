"""The walker over small documents: the removal of stacks, time limits and sizes."""

from __future__ import annotations

import json

import pytest

from runbook.local.walker import defects
from runbook.local.walker.limits import document_bytes
from tests.documents.small import FILES, Change, Json, broken, document, inputs, sound, step


def found(*changes: Change) -> list[str]:
    return defects(broken(*changes), files=FILES)


STAYS = "Step 'Deploy': its stack stays behind when"
REMOVALS: dict[str, tuple[Change, list[str]]] = {
    "after success": (step("Look", nextStep="Tell"), [f"{STAYS} Deploy succeeds, Wait succeeds, Look succeeds, Tell succeeds, Finish succeeds."]),
    "after failure": (step("Deploy", onFailure="step:Tell"), [f"{STAYS} Deploy fails, Tell succeeds, Finish succeeds."]),
    "after cancel": (step("Deploy", onCancel=None), [f"{STAYS} Deploy is cancelled."]),
    "abort later": (step("Wait", onFailure=None), [f"{STAYS} Deploy succeeds, Wait fails."]),
    "cancel later": (step("Look", onCancel="Abort"), [f"{STAYS} Deploy succeeds, Wait succeeds, Look is cancelled."]),
    "another stack": (inputs("Remove", StackName="other"), [
        f"{STAYS} Deploy succeeds, Wait fails, Remove succeeds, Tell succeeds, Finish succeeds.",
        f"{STAYS} Deploy fails, Remove succeeds, Tell succeeds, Finish succeeds.",
        f"{STAYS} Deploy is cancelled, Remove succeeds, Tell succeeds, Finish succeeds.",
    ]),
    "removal aborts": (step("Remove", onFailure=None), ["Step 'Remove': after the removal it must lead to 'Tell' on failure too, not to the end."]),
    "removal cancelled": (step("Remove", onCancel="step:Finish"), ["Step 'Remove': after the removal it must lead to 'Tell' on cancel too, not to Finish."]),
    "report aborts": (step("Tell", onFailure="Abort"), ["Step 'Tell': after the removal it must lead to 'Finish' on failure too, not to the end."]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "messages"), REMOVALS.values(), ids=REMOVALS)
def test_removals(change: Change, messages: list[str]) -> None:
    assert found(change) == messages


def test_a_stack_may_be_removed_by_its_own_action() -> None:
    removal = {"StackName": "small-{{ automation:EXECUTION_ID }}"}
    assert found(step("Remove", action="aws:deleteStack", inputs=removal)) == []


def test_a_removal_may_be_named_as_boto3_does() -> None:
    assert found(inputs("Remove", Api="delete_stack")) == []


def test_a_removal_that_is_the_last_step_is_confirmed_by_none() -> None:
    def last(content: Json) -> None:
        steps = content["mainSteps"]
        content["mainSteps"] = [*steps[:5], *steps[6:8], steps[5]]
        step("Finish", isEnd=None, onFailure="step:Remove", onCancel="step:Remove")(content)
        step("Look", nextStep="Tell")(content)
        step("Remove", isEnd=True, onFailure=None, onCancel=None)(content)

    assert found(last) == ["Step 'Remove': nothing after the removal confirms that the stack is gone."]


def test_a_branch_after_the_removal_may_skip_the_report() -> None:
    def sorted_out(content: Json) -> None:
        sort = {
            "name": "Sort",
            "action": "aws:branch",
            "onFailure": "step:Tell",
            "onCancel": "step:Tell",
            "inputs": {"Choices": [{"NextStep": "Tell"}], "Default": "Finish"},
        }
        content["mainSteps"].insert(6, sort)
        step("Remove", onFailure="step:Sort", onCancel="step:Sort")(content)

    skipped = "Step 'Sort': after the removal it must lead to 'Tell' on success too, not to Finish."
    assert found(sorted_out) == [skipped]


LIMITS: dict[str, tuple[Change, str]] = {
    "none": (step("Wait", timeoutSeconds=None), "Step 'Wait': has no timeoutSeconds."),
    "reference": (step("Wait", timeoutSeconds="{{ Cluster }}"), "Step 'Wait': has no timeoutSeconds."),
    "zero": (step("Wait", timeoutSeconds=0), "Step 'Wait': timeoutSeconds is 0; aws:waitForAwsResourceProperty takes 1 to 3600."),
    "script": (step("Plan", timeoutSeconds=601), "Step 'Plan': timeoutSeconds is 601; aws:executeScript takes 1 to 600."),
    "call": (step("Look", timeoutSeconds=26), "Step 'Look': timeoutSeconds is 26; aws:executeAwsApi takes 1 to 25."),
    "stack": (step("Deploy", timeoutSeconds=599), "Step 'Deploy': TimeoutInMinutes must end within timeoutSeconds (599)."),
    "endless stack": (inputs("Deploy", TimeoutInMinutes=None), "Step 'Deploy': TimeoutInMinutes must end within timeoutSeconds (600)."),
    "no limit after a cancel": (step("Tell", timeoutSeconds="60"), "Step 'Tell': has no timeoutSeconds."),
    "cancelled": (step("Remove", maxAttempts=4), "Step 'Remove': from here a cancelled execution has 120 s, its steps may take 60 (Remove) + 60 (Tell) + 10 (Finish) = 130 s."),
    "size": (document(description="ä" * 32_768), f"The document: has {document_bytes(sound()) + 65_536 - len('A small document.'):,} bytes; SSM takes 65,536."),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), LIMITS.values(), ids=LIMITS)
def test_limits(change: Change, message: str) -> None:
    assert found(change) == [message]


def test_a_placeholder_counts_as_what_may_stand_there() -> None:
    assert document_bytes({"a": "${RoleArn}"}) == len(json.dumps({"a": "x" * 120}))
