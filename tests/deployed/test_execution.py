"""What SSM tells of an execution's steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from runbook.deployed.execution import interruptions, outputs_of, steps_of

ID = "5f1c2d3e-0a1b-4c2d-8e3f-a1b2c3d4e5f6"
UNSET = "No output available yet because the step is not successfully executed"
SESSION: Any = boto3.Session(aws_access_key_id="A", aws_secret_access_key="S", region_name="us-east-1")


@pytest.fixture
def ssm() -> Iterator[Stubber]:
    with Stubber(SESSION.client("ssm")) as made:
        yield made


def test_an_output_that_was_never_set_is_left_out(ssm: Stubber) -> None:
    steps = [
        {"StepName": "ValidateTarget", "Outputs": {"Proceed": ["true"], "Part": [UNSET], "Empty": []}},
        {"StepName": "ChooseRoute"},
    ]
    ssm.add_response("describe_automation_step_executions", {"StepExecutions": steps})
    assert outputs_of(steps_of(ssm.client, ID)) == {"ValidateTarget": {"Proceed": "true"}, "ChooseRoute": {}}


def test_where_ssm_does_not_tell_nothing_is_known(ssm: Stubber) -> None:
    ssm.add_client_error("describe_automation_step_executions", "ThrottlingException", "Rate exceeded")
    assert outputs_of(steps_of(ssm.client, ID)) == {}


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        ("Success", "", []),
        ("Cancelled", "", ["The run was cancelled in step CheckNodes. What it had not asked by then is not checked."]),
        ("TimedOut", "Step timed out after 300 seconds.", ["Step CheckNodes failed: Step timed out after 300 seconds. What only it asks is not checked."]),
        ("Failed", 'Step fails when it is Poll. Traceback (most recent call last):\n  File "x", line 1\n\nRunFailed - it broke. Please refer to Automation Service Troubleshooting Guide for more diagnosis details.', ["Step CheckNodes failed: it broke. What only it asks is not checked."]),
        ("Failed", "", ["Step CheckNodes failed: SSM does not say why. What only it asks is not checked."]),
    ],
)  # fmt: skip
def test_a_step_that_did_not_do_its_work_is_told(status: str, message: str, told: list[str]) -> None:
    step = {"StepName": "CheckNodes", "StepStatus": status, "FailureMessage": message}
    assert list(interruptions([step])) == told
