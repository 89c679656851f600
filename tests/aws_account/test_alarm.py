"""docs/alarm-starts-a-run.yaml, deployed beside our stack: an alarm that goes off starts the document."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.local.account import ACCOUNT, REGION
from runbook.local.aws.events import Deliveries, event_of
from runbook.local.deployed import deployed
from runbook.local.embedded import Embedded
from runbook.local.scenarios import scenarios

TEMPLATE = Path(__file__).parents[2] / "docs" / "alarm-starts-a-run.yaml"
ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:pods-pending"

pytestmark = pytest.mark.xdist_group("alarm")  # the stack is made once


@pytest.fixture(scope="module")
def servers() -> Iterator[Embedded]:
    with deployed(scenarios()["wrong_audience"].world()) as found:
        cloudformation = found.client("cloudformation")
        cloudformation.create_stack(
            StackName="alarm-starts-a-run",
            TemplateBody=TEMPLATE.read_text(),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": "AlarmName", "ParameterValue": "pods-pending"},
                {"ParameterKey": "ClusterName", "ParameterValue": "shop"},
            ],
        )
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="alarm-starts-a-run", WaiterConfig={"Delay": 1}
        )
        yield found


def goes(servers: Embedded, state: str, alarm: str = ALARM) -> list[Any]:
    """Let an alarm change its state; what EventBridge did at our target."""
    deliveries = servers.aws.account.part(Deliveries)
    before = len(deliveries.log)
    event = event_of(
        servers.aws.account,
        source="aws.cloudwatch",
        kind="CloudWatch Alarm State Change",
        resources=[alarm],
        detail={"alarmName": alarm.rpartition(":")[2], "state": {"value": state}},
    )
    deliveries.tell(event)
    deliveries.settle()
    return deliveries.log[before:]


def test_an_alarm_that_goes_off_starts_a_run_of_the_whole_cluster(servers: Embedded) -> None:
    (delivery,) = goes(servers, "ALARM")
    assert (delivery.outcome, json.loads(delivery.input)) == ("started", {"EksClusterName": ["shop"]})
    ssm = servers.client("ssm")
    found = ssm.get_automation_execution(AutomationExecutionId=delivery.detail)["AutomationExecution"]
    assert found["DocumentName"] == "TroubleshootEbsCsiDriversForEks"
    assert found["Parameters"]["EksClusterName"] == ["shop"]
    assert "assumed-role/alarm-starts-a-run-Starter" in found["ExecutedBy"]
    ssm.stop_automation_execution(AutomationExecutionId=delivery.detail)


@pytest.mark.parametrize(("state", "alarm"), [("OK", ALARM), ("ALARM", ALARM + "-of-another-team")])
def test_nothing_else_starts_one(servers: Embedded, state: str, alarm: str) -> None:
    assert goes(servers, state, alarm) == []


def test_what_cannot_be_delivered_is_in_the_queue(servers: Embedded) -> None:
    servers.client("ssm").delete_document(Name="TroubleshootEbsCsiDriversForEks")
    (delivery,) = goes(servers, "ALARM")
    assert delivery.outcome == "failed"
    stack = servers.client("cloudformation").describe_stacks(StackName="alarm-starts-a-run")["Stacks"][0]
    queue = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}["Undelivered"]
    (told,) = servers.client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(told["Body"]) == {"EksClusterName": ["shop"]}
    assert told["MessageAttributes"]["TARGET_ARN"]["StringValue"].endswith(
        ":automation-definition/TroubleshootEbsCsiDriversForEks"
    )


def test_cfn_lint_has_nothing_to_say() -> None:
    linted = subprocess.run(
        [Path(sysconfig.get_path("scripts")) / "cfn-lint", TEMPLATE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout) == (0, "")
