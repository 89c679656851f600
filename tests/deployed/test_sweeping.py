"""The sweeper deletes the stacks of ended executions, and touches nothing that only looks like one."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from runbook.deployed.sweeping import sweep
from runbook.deployment import EXECUTION_TAG, EXPIRES_TAG, PREFIX, STACK, proxy_stack
from runbook.local.aws import EmbeddedAws, Fault
from runbook.local.healthy import healthy

TEMPLATE = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(healthy(datetime.now(UTC)).aws) as made:
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        for name, seconds in (("Short", "PT0S"), ("Long", "PT9M")):
            steps = [{"name": "Sleep", "action": "aws:sleep", "isEnd": True, "inputs": {"Duration": seconds}}]
            content = json.dumps({"schemaVersion": "0.3", "mainSteps": steps})
            client("ssm").create_document(Name=name, Content=content, DocumentType="Automation")
        yield made


def client(service: str) -> Any:
    session: Any = boto3.Session()
    return session.client(service)


def execution(document: str) -> str:
    return str(client("ssm").start_automation_execution(DocumentName=document)["AutomationExecutionId"])


def ended() -> str:
    started, ssm = execution("Short"), client("ssm")
    while True:
        found = ssm.get_automation_execution(AutomationExecutionId=started)["AutomationExecution"]
        if found["AutomationExecutionStatus"] == "Success":
            return started
        time.sleep(0.02)


def plant(name: str, **tags: str) -> str:
    names = {"execution": EXECUTION_TAG, "expires": EXPIRES_TAG}
    listed = [{"Key": names[key], "Value": value} for key, value in tags.items()]
    client("cloudformation").create_stack(StackName=name, TemplateBody=TEMPLATE, Tags=listed)
    settle("CREATE_IN_PROGRESS")
    return name


def settle(status: str) -> None:
    while any(
        stack["StackStatus"] == status for stack in client("cloudformation").describe_stacks()["Stacks"]
    ):
        time.sleep(0.02)


def there() -> set[str]:
    settle("DELETE_IN_PROGRESS")
    return {stack["StackName"] for stack in client("cloudformation").describe_stacks()["Stacks"]}


def at(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.usefixtures("aws")
def test_only_the_stacks_of_ended_executions_go() -> None:
    over, going, forgotten, unknown, undated = (
        ended(),
        execution("Long"),
        *(str(uuid.uuid4()) for _ in range(3)),
    )
    gone = {
        plant(proxy_stack(over), execution=over),
        plant(proxy_stack(forgotten), execution=forgotten, expires=at(-1)),
    }
    kept = {
        plant(proxy_stack(going), execution=going, expires=at(-1)),
        plant(proxy_stack(unknown), execution=unknown, expires=at(1)),
        plant(proxy_stack(undated), execution=undated, expires="soon"),
        plant(proxy_stack(str(uuid.uuid4()))),
        plant(proxy_stack(str(uuid.uuid4())), execution=over),
        plant(f"{PREFIX}-{over}-copy", execution=over),
        plant(f"my-{PREFIX}-{over}", execution=over),
        plant(PREFIX, execution=over),
        plant(STACK),
    }
    told = sweep(boto3.Session())
    assert set(told["deleted"].split(", ")) == gone
    assert told["left"] == "nothing"
    assert there() == kept


@pytest.mark.usefixtures("aws")
def test_with_nothing_to_do_it_says_so() -> None:
    plant(STACK)
    assert sweep(boto3.Session()) == {"deleted": "nothing", "left": "nothing"}


def test_a_stack_that_cannot_be_deleted_is_named_and_the_others_go(aws: EmbeddedAws) -> None:
    over = ended()
    stack = plant(proxy_stack(over), execution=over)
    aws.faults["cloudformation:DeleteStack"] = Fault(kind="refused")
    told = sweep(boto3.Session())
    assert told["deleted"] == "nothing"
    assert told["left"].startswith(f"{stack}: An error occurred (AccessDenied) when calling the DeleteStack")
    assert there() == {stack}


def test_an_execution_that_cannot_be_looked_up_keeps_its_stack(aws: EmbeddedAws) -> None:
    over = ended()
    stack = plant(proxy_stack(over), execution=over)
    aws.faults["ssm:GetAutomationExecution"] = Fault(kind="refused")
    told = sweep(boto3.Session())
    assert (told["deleted"], there()) == ("nothing", {stack})
    assert told["left"].startswith(f"{stack}: An error occurred (AccessDeniedException)")
