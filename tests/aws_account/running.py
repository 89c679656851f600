"""Executions of the deployed document in an account: started, watched, cancelled, and all that is left of them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from runbook.deployed.execution import ENDED
from runbook.deployment import PREFIX, SWEEPER, proxy_stack, run_prefix

Json = dict[str, Any]
#: What a function's network interfaces are called by Lambda.
_INTERFACES = f"AWS Lambda VPC ENI-{PREFIX}-*"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """An execution that has ended, as SSM, CloudFormation and S3 tell it.

    `events` are those of the proxy's stack, oldest first; empty where no stack was made. `files` are those
    in the bucket, by their names below the run's prefix; `bucket` is empty where no report was written.
    """

    execution: Json
    events: tuple[Json, ...] = ()
    bucket: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    stopped: dt.datetime | None = None

    @property
    def id(self) -> str:
        return str(self.execution["AutomationExecutionId"])

    @property
    def status(self) -> str:
        return str(self.execution["AutomationExecutionStatus"])

    @property
    def outputs(self) -> dict[str, str]:
        """The first value of each of the document's outputs, as `GenerateReport.Verdict`."""
        return {name: values[0] for name, values in self.execution.get("Outputs", {}).items() if values}

    @property
    def steps(self) -> dict[str, Json]:
        """The steps that have begun, by name."""
        return {s["StepName"]: s for s in self.execution["StepExecutions"] if "ExecutionStartTime" in s}

    def seconds(self, step: str) -> float:
        """How long a step took."""
        told = self.steps[step]
        return float((told["ExecutionEndTime"] - told["ExecutionStartTime"]).total_seconds())

    def output(self, step: str, name: str) -> str:
        """The first value of a step's output; empty where it has none."""
        values = self.steps.get(step, {}).get("Outputs", {}).get(name) or [""]
        return str(values[0])

    def stack_seconds(self, begun: str, ended: str) -> float | None:
        """Seconds between two statuses of the stack itself; None where one of them was not reached."""
        times = {
            e["ResourceStatus"]: e["Timestamp"]
            for e in self.events
            if e["PhysicalResourceId"] == e["StackId"]
        }
        if begun not in times or ended not in times:
            return None
        return float((times[ended] - times[begun]).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A boto3.Session, and how patiently to ask in it. `pause` is in seconds."""

    session: Any
    endpoint_url: str | None = None
    pause: float = 2.0

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return self.session.client(service, endpoint_url=self.endpoint_url)

    def start(self, document: str, parameters: Mapping[str, str]) -> str:
        """Start a document; its execution's id. Raises ClientError."""
        given = {name: [value] for name, value in parameters.items()}
        answer = self.client("ssm").start_automation_execution(DocumentName=document, Parameters=given)
        return str(answer["AutomationExecutionId"])

    def wait(self, execution: str, until: Callable[[Json], bool], tell: Callable[[str], None]) -> Json:
        """Look until the condition holds, telling each step as it begins; the execution as it then is."""
        ssm, told = self.client("ssm"), ""
        while True:
            found: Json = ssm.get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]
            if (step := found.get("CurrentStepName", "")) and step != told:
                tell(step)
                told = step
            if until(found):
                return found
            time.sleep(self.pause)

    def ended(self, execution: str, tell: Callable[[str], None], stopped: dt.datetime | None = None) -> Run:
        """Wait until an execution has ended, and collect all that is left of it."""
        found = self.wait(execution, lambda one: one["AutomationExecutionStatus"] in ENDED, tell)
        run = Run(execution=found, stopped=stopped)
        bucket = run.outputs.get("GenerateReport.ReportUri", "").removeprefix("s3://").partition("/")[0]
        written = bucket if run.outputs.get("GenerateReport.ReportUri", "").startswith("s3://") else ""
        return Run(
            execution=found,
            events=self._stack_events(run.output("DeployProxy", "StackId")),
            bucket=written,
            files=self._files(written, run_prefix(found["DocumentName"], execution)) if written else {},
            stopped=stopped,
        )

    def cancel(self, execution: str) -> dt.datetime:
        """Cancel an execution; when that was."""
        at = dt.datetime.now(dt.UTC)
        self.client("ssm").stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")
        return at

    def stack_is_there(self, execution: str) -> bool:
        """Whether the execution's stack exists, in any state."""
        try:
            found = self.client("cloudformation").describe_stacks(StackName=proxy_stack(execution))["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return False
            raise
        return any(stack["StackStatus"] != "DELETE_COMPLETE" for stack in found)

    def interfaces(self) -> list[str]:
        """The network interfaces that Lambda still keeps for functions of ours."""
        named = [{"Name": "description", "Values": [_INTERFACES]}]
        found = self.client("ec2").describe_network_interfaces(Filters=named)["NetworkInterfaces"]
        return [f"{one['NetworkInterfaceId']} ({one['Status']}, {one['SubnetId']})" for one in found]

    def sweeps(self) -> list[Json]:
        """The sweeper's executions of the last day."""
        named = [{"Key": "DocumentNamePrefix", "Values": [SWEEPER]}]
        pages = self.client("ssm").get_paginator("describe_automation_executions").paginate(Filters=named)
        since = dt.datetime.now(dt.UTC) - _DAY
        told = pages.build_full_result()["AutomationExecutionMetadataList"]
        return [one for one in told if one["ExecutionStartTime"] >= since]

    def _stack_events(self, stack: str) -> tuple[Json, ...]:
        if not stack:
            return ()
        pages = self.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
        return tuple(reversed(pages.build_full_result()["StackEvents"]))

    def _files(self, bucket: str, prefix: str) -> dict[str, bytes]:
        s3 = self.client("s3")
        listed = (
            s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix).build_full_result()
        )
        keys = [entry["Key"] for entry in listed.get("Contents", ())]
        return {k.removeprefix(prefix): s3.get_object(Bucket=bucket, Key=k)["Body"].read() for k in keys}
