"""The ordinary aws command line drives the interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from runbook.local.aws import EmbeddedAws
from tests.local.automation.runs import (
    account,
    api,
    automation,
    create,
    document,
    ended,
    nap,
    outcome,
    patiently,
)

AWS = Path(sys.executable).with_name("aws")


def aws_ssm(aws: EmbeddedAws, *words: str) -> Any:
    """The answer of `aws ssm …`."""
    environment = {**aws.environment(), "AWS_PAGER": "", "HOME": "/nonexistent"}
    del environment["AWS_ENDPOINT_URL"]
    command = [
        sys.executable,
        str(AWS),
        "--endpoint-url",
        aws.endpoint_url,
        "--output",
        "json",
        "ssm",
        *words,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def test_start_get_describe_stop() -> None:
    content = document(
        nap("Wait", onCancel="step:Tidy"),
        api("Tidy", outputs=[{"Name": "Owner", "Selector": "$.Owner.DisplayName"}]),
        parameters={"Cluster": {"type": "String"}},
        outputs=["Tidy.Owner"],
    )
    with account() as aws:
        create(aws, content)
        started = aws_ssm(
            aws, "start-automation-execution", "--document-name", "Test", "--parameters", "Cluster=shop"
        )
        chosen = ("--automation-execution-id", started["AutomationExecutionId"])
        execution = automation(aws).find(chosen[1])
        patiently(lambda: execution.records["Wait"].status == "InProgress")
        running = aws_ssm(aws, "get-automation-execution", *chosen)["AutomationExecution"]
        assert aws_ssm(aws, "stop-automation-execution", *chosen) is None
        ended(aws, chosen[1])
        stopped = aws_ssm(aws, "get-automation-execution", *chosen)["AutomationExecution"]
        steps = aws_ssm(aws, "describe-automation-step-executions", *chosen)["StepExecutions"]
        listed = aws_ssm(
            aws, "describe-automation-executions", "--filters", "Key=ExecutionStatus,Values=Cancelled"
        )

    assert outcome(running) == ("InProgress", {"Wait": "InProgress", "Tidy": "Pending"})
    assert running["Parameters"] == {"Cluster": ["shop"]}
    assert outcome(stopped) == ("Cancelled", {"Wait": "Cancelled", "Tidy": "Success"})
    assert stopped["Outputs"] == {"Tidy.Owner": ["webfile"]}
    assert steps == stopped["StepExecutions"]
    assert [item["AutomationExecutionId"] for item in listed["AutomationExecutionMetadataList"]] == [
        chosen[1]
    ]
