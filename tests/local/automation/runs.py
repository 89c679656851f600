"""Documents run on an embedded account, for the tests of the interpreter."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from runbook.local.automation.executions import Automation
from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import ACCOUNT, ask, state

Json = dict[str, Any]

ROLE = f"arn:aws:iam::{ACCOUNT}:role/automation"
PATIENCE = 60.0
GUIDE = "Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
EXECUTING = "Step fails when it is Execute/Cancelling action. "
POLLING = "Step fails when it is Poll action status for completion. "


def trust(service: str) -> Json:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@contextlib.contextmanager
def account(*actions: str) -> Iterator[EmbeddedAws]:
    """An account whose role `automation` may do these."""
    given = state()
    allowed = {"Effect": "Allow", "Action": list(actions) or ["s3:ListAllMyBuckets"], "Resource": "*"}
    given["roles"]["automation"] = {
        "Path": "/",
        "AssumeRolePolicyDocument": trust("ssm.amazonaws.com"),
        "AttachedPolicies": [],
        "InlinePolicies": {"own": {"Version": "2012-10-17", "Statement": [allowed]}},
    }
    with EmbeddedAws(given) as aws:
        yield aws


def automation(aws: EmbeddedAws) -> Automation:
    return aws.account.part(Automation)


def document(*steps: Json, **more: Any) -> Json:
    return {"schemaVersion": "0.3", "mainSteps": list(steps), **more}


def api(name: str, service: str = "s3", operation: str = "ListBuckets", **more: Any) -> Json:
    """A step that calls AWS; `inputs` may be added."""
    inputs = {"Service": service, "Api": operation, **more.pop("inputs", {})}
    return {"name": name, "action": "aws:executeAwsApi", "inputs": inputs, **more}


def step(step_name: str, action: str, **inputs: Any) -> Json:
    return {"name": step_name, "action": f"aws:{action}", "inputs": inputs}


def failing(name: str, **more: Any) -> Json:
    """A step that always fails."""
    return api(name, "s3", "HeadBucket", inputs={"Bucket": "no-such-bucket"}, **more)


def script(name: str, code: str, payload: Json | None = None, **more: Any) -> Json:
    """A step with an inline script; its function is `run`."""
    inputs = {"Runtime": "python3.11", "Handler": "run", "Script": code, "InputPayload": payload or {}}
    return {"name": name, "action": "aws:executeScript", "inputs": inputs, **more}


def nap(name: str, seconds: int = 600, **more: Any) -> Json:
    return {"name": name, "action": "aws:sleep", "inputs": {"Duration": f"PT{seconds}S"}, **more}


def create(aws: EmbeddedAws, content: Json, name: str = "Test", **more: Any) -> Json:
    """The description of a new document."""
    answer = ask(
        aws,
        "ssm",
        "create_document",
        Name=name,
        DocumentType="Automation",
        Content=json.dumps(content),
        **more,
    )
    description: Json = answer["DocumentDescription"]
    return description


def start(aws: EmbeddedAws, content: Json, **parameters: list[str]) -> str:
    """The id of an execution of a new document."""
    create(aws, content)
    return begin(aws, Parameters=parameters) if parameters else begin(aws)


def begin(aws: EmbeddedAws, name: str = "Test", **more: Any) -> str:
    started = ask(aws, "ssm", "start_automation_execution", DocumentName=name, **more)
    return str(started["AutomationExecutionId"])


def ended(aws: EmbeddedAws, execution: str) -> Json:
    """The record of an execution, once it has ended."""
    automation(aws).find(execution).wait(PATIENCE)
    found: Json = ask(aws, "ssm", "get_automation_execution", AutomationExecutionId=execution)
    record: Json = found["AutomationExecution"]
    return record


def run(aws: EmbeddedAws, content: Json, **parameters: list[str]) -> Json:
    """The record of a document that ran to its end."""
    return ended(aws, start(aws, content, **parameters))


def patiently(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)


def outcome(record: Json) -> tuple[str, dict[str, str]]:
    """Status of the execution, and of each step."""
    steps = {step["StepName"]: step["StepStatus"] for step in record["StepExecutions"]}
    return record["AutomationExecutionStatus"], steps


def course(aws: EmbeddedAws, content: Json) -> tuple[str, dict[str, str]]:
    """How a document goes, on an account that has seen others."""
    return outcome(run_another(aws, content))


def run_another(aws: EmbeddedAws, content: Json) -> Json:
    """The record of a document under a name that is still free."""
    name = f"Test{len(automation(aws).all())}"
    create(aws, content, name)
    return ended(aws, begin(aws, name))
