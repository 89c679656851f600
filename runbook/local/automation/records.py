"""What is known of an execution and of its steps, and how the API shows it."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runbook.local.automation.document import Document, Json, Step
from runbook.local.automation.pulse import Pulse
from runbook.local.automation.values import UNAVAILABLE, NoValue, as_list
from runbook.local.aws.principals import Principal

RUNNING = frozenset({"Pending", "InProgress", "Waiting"})
FINAL = frozenset({"Success", "Failed", "TimedOut", "Cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """A step as far as it has come. `outputs` hold values in their types; `log` is what a script wrote."""

    step: Step
    id: str
    status: str = "Pending"
    started: dt.datetime | None = None
    ended: dt.datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    next_step: str | None = None
    failure: str = ""
    stage: str = ""
    log: str = ""

    def describe(self) -> Json:
        """The API's StepExecution."""
        step = self.step
        outputs = {**self.outputs, **({"ExecutionLog": self.log} if self.log else {})}
        optional = {
            "TimeoutSeconds": None if step.timeout is None else int(step.timeout),
            "ExecutionStartTime": self.started,
            "ExecutionEndTime": self.ended,
            "ResponseCode": "0" if self.status == "Success" else None,
            "NextStep": self.next_step,
            "FailureMessage": self.failure or None,
            "FailureDetails": self._failure_details(),
        }
        return {
            "StepName": step.name,
            "Action": step.action,
            "OnFailure": step.on_failure,
            "MaxAttempts": step.max_attempts,
            "StepStatus": self.status,
            "Inputs": {key: json.dumps(value, default=str) for key, value in self.inputs.items()},
            "Outputs": {key: as_list(value) for key, value in outputs.items()},
            "StepExecutionId": self.id,
            "OverriddenParameters": {},
            "IsEnd": step.is_end,
            "IsCritical": step.is_critical,
            "ValidNextSteps": sorted({target for _, target in step.targets()}),
            **{key: value for key, value in optional.items() if value is not None},
        }

    def _failure_details(self) -> Json | None:
        if not self.stage:
            return None
        return {"FailureStage": self.stage, "FailureType": "Action", "Details": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an execution was started with. `parameters` hold values in their types, defaults included."""

    id: str
    document_name: str
    document_version: str
    document: Document
    parameters: Json
    role: str
    caller: Principal
    started: dt.datetime


class Execution:
    """One execution: read by requests, changed by the thread that runs it and by whoever stops it."""

    def __init__(self, order: Order, records: dict[str, StepRecord], system: dict[str, str]) -> None:
        self.order = order
        self.records = records
        self.variables = {
            name: schema.get("default", "") for name, schema in order.document.variables.items()
        }
        self.status = "Pending"
        self.ended: dt.datetime | None = None
        self.failure = ""
        self.current: str | None = None
        self.stopping = ""
        self._system = system
        self._pulse: Pulse | None = None
        self._change = threading.Condition()

    def look_up(self, name: str) -> Any:
        """The value behind a reference. Raises NoValue for an output that a step ought to have."""
        if name in self._system:
            return self._system[name]
        if name in self.order.parameters:
            return self.order.parameters[name]
        kind, _, rest = name.partition(":")
        if kind == "variable" and rest in self.variables:
            return self.variables[rest]
        step, _, output = name.partition(".")
        record = self.records[step]
        if record.status != "Success":
            return UNAVAILABLE
        if output not in record.outputs:
            raise NoValue(f"step {step} has no output {output}")
        return record.outputs[output]

    def enter(self, pulse: Pulse, *, cancelling: bool) -> None:
        """From now on a stop ends this pulse; one that came before ends it at once."""
        with self._change:
            self._pulse = pulse
            if self.stopping == "Close" or (self.stopping == "Cancel" and not cancelling):
                pulse.stop()

    def stop(self, how: str) -> bool:
        """Ask to stop: Cancel, Complete (after the running step) or Close. False if it is too late."""
        with self._change:
            if how != "Close" and (self.status not in RUNNING or self.stopping == how):
                return False
            self.stopping = how
            if how == "Cancel":
                self.status = "Cancelling"
            if self._pulse is not None and how != "Complete":
                self._pulse.stop()
            return True

    def change(self, status: str, *, ended: dt.datetime | None = None, failure: str = "") -> None:
        """Set the status; whoever cancelled an execution meanwhile will find it Cancelled."""
        with self._change:
            if self.status == "Cancelling":
                status, failure = ("Cancelled", "") if status in FINAL else (self.status, "")
            self.status, self.ended, self.failure = status, ended, failure
            self._change.notify_all()

    def wait(self, seconds: float) -> str:
        """The status, once it is final or the time is over."""
        with self._change:
            self._change.wait_for(lambda: self.status in FINAL, seconds)
            return self.status

    def steps(self) -> list[Json]:
        """The API's StepExecutions, in the document's order."""
        return [record.describe() for record in list(self.records.values())]

    def outputs(self) -> dict[str, list[str]]:
        """What the document promises, as far as it is there."""
        found = {}
        for name in self.order.document.content.get("outputs") or []:
            try:
                found[name] = as_list(self.look_up(name))
            except NoValue:
                found[name] = [UNAVAILABLE]
        return found

    def summary(self) -> Json:
        """What AutomationExecution and AutomationExecutionMetadata have in common."""
        order = self.order
        running = self.records[self.current] if self.current and self.status not in FINAL else None
        optional = {
            "ExecutionEndTime": self.ended,
            "FailureMessage": self.failure or None,
            "CurrentStepName": running and running.step.name,
            "CurrentAction": running and running.step.action,
        }
        return {
            "AutomationExecutionId": order.id,
            "DocumentName": order.document_name,
            "DocumentVersion": order.document_version,
            "AutomationExecutionStatus": self.status,
            "ExecutionStartTime": order.started,
            "ExecutedBy": order.caller.arn,
            "Outputs": self.outputs(),
            "Mode": "Auto",
            "Targets": [],
            "ResolvedTargets": {"ParameterValues": [], "Truncated": False},
            **{key: value for key, value in optional.items() if value is not None},
        }

    def describe(self) -> Json:
        """The API's AutomationExecution."""
        counts = [record.status for record in self.records.values()]
        return {
            **self.summary(),
            "StepExecutions": self.steps(),
            "StepExecutionsTruncated": False,
            "Parameters": {name: as_list(value) for name, value in self.order.parameters.items()},
            "Variables": {name: as_list(value) for name, value in self.variables.items()},
            "ProgressCounters": {
                "TotalSteps": len(counts),
                "SuccessSteps": counts.count("Success"),
                "FailedSteps": counts.count("Failed"),
                "CancelledSteps": counts.count("Cancelled"),
                "TimedOutSteps": counts.count("TimedOut"),
            },
        }
