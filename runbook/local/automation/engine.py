"""One execution, from its first step to its final status.

How failures, time limits and cancellation lead on is told in
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from runbook.local.automation.actions import ACTIONS
from runbook.local.automation.actions.base import INPUTS, POLL, ActionFailed, Answer, Environment, Work
from runbook.local.automation.document import JUMP, Step
from runbook.local.automation.pulse import OutOfTime, Pulse, Stopped
from runbook.local.automation.records import FINAL, Execution, StepRecord
from runbook.local.automation.values import NoValue, filled_in, select

#: What can be made to happen to a step: `crash` fails it in place of its action, `timeout` lets it run out
#: of time at once, `cancel` stops the execution as the step begins to run.
Fault = Literal["crash", "timeout", "cancel"]

GUIDE = "Please refer to Automation Service Troubleshooting Guide for more diagnosis details."


class Engine:
    """Runs an execution. `tell` is called after each change of it, with the step's record if one changed."""

    def __init__(
        self,
        execution: Execution,
        environment: Environment,
        *,
        clock: Callable[[], dt.datetime],
        tell: Callable[[StepRecord | None], None],
        faults: Mapping[str, Fault],
        cancel_seconds: float,
    ) -> None:
        self._execution = execution
        self._environment = environment
        self._clock = clock
        self._tell = tell
        self._faults = faults
        self._cancel_seconds = cancel_seconds
        self._cancel_deadline: float | None = None
        self._failed: list[StepRecord] = []
        self._aborted = False

    def run(self) -> None:
        """Run the document's steps. Returns when the status is final, or when the account closes."""
        try:
            self._run()
        finally:
            if self._execution.status not in FINAL and self._execution.stopping != "Close":
                self._change("Failed", ended=True, failure="The interpreter itself broke.")

    def _run(self) -> None:
        execution = self._execution
        self._change("InProgress")
        cancelled = self._follow(execution.order.document.first)
        if cancelled is not None and cancelled.on_cancel.startswith(JUMP):
            self._cancel_deadline = time.monotonic() + self._cancel_seconds
            self._follow(cancelled.on_cancel.removeprefix(JUMP))
        if execution.stopping == "Close":
            return
        if cancelled is not None:
            self._change("Cancelled", ended=True)
        elif not self._failed:
            self._change("Success", ended=True)
        else:
            timed_out = self._aborted and self._failed[-1].status == "TimedOut"
            self._change("TimedOut" if timed_out else "Failed", ended=True, failure=self._failed[0].failure)

    def _follow(self, name: str | None) -> Step | None:
        """Run one step after another. Returns the step that was cancelled, if one was."""
        while name is not None:
            record = self._step(self._execution.order.document.steps[name])
            if record.status == "Cancelled":
                return record.step
            if self._execution.stopping == "Complete":
                return None
            name = self._next(record)
        return None

    def _next(self, record: StepRecord) -> str | None:
        step = record.step
        if record.status == "Success":
            return record.next_step
        if step.is_critical:
            self._failed.append(record)
        self._aborted = step.is_critical and step.on_failure == "Abort"
        if step.is_end or self._aborted:
            return None
        if step.on_failure.startswith(JUMP):
            return step.on_failure.removeprefix(JUMP)
        return step.after if step.on_failure == "Continue" else None

    def _step(self, step: Step) -> StepRecord:
        """A step with all its attempts."""
        record = replace(self._execution.records[step.name], status="InProgress", started=self._clock())
        self._execution.current = step.name
        self._keep(record)
        for _attempt in range(step.max_attempts):
            record = self._attempt(record)
            if record.status in ("Success", "Cancelled"):
                break
        record = replace(record, ended=self._clock())
        self._keep(record)
        return record

    def _attempt(self, record: StepRecord) -> StepRecord:
        step, action = record.step, ACTIONS[record.step.action]
        seconds = action.seconds(step)
        pulse = Pulse(seconds=self._remaining(seconds))
        self._execution.enter(pulse, cancelling=self._cancel_deadline is not None)
        try:
            inputs = filled_in(step.inputs, self._execution.look_up)
            record = replace(record, inputs=inputs)
            self._keep(record)
            work = Work(step=step, inputs=inputs, pulse=pulse, environment=self._environment)
            pulse.check()
            answer = self._act(work)
            pulse.check()
            return replace(record, status="Success", **_of_answer(step, answer))
        except NoValue as error:
            return _failed(record, str(error), INPUTS)
        except ActionFailed as error:
            return replace(_failed(record, str(error), error.stage), log=error.log)
        except OutOfTime:
            return self._out_of_time(record, seconds)
        except Stopped:
            return replace(record, status="Cancelled")

    def _act(self, work: Work) -> Answer:
        match self._faults.get(work.step.name):
            case "crash":
                raise ActionFailed("Injected fault: the step crashes.")
            case "timeout":
                raise OutOfTime
            case "cancel" if self._cancel_deadline is None:
                if self._execution.stop("Cancel"):
                    self._tell(None)
        return ACTIONS[work.step.action].run(work)

    def _out_of_time(self, record: StepRecord, seconds: float | None) -> StepRecord:
        if self._cancel_deadline is not None and time.monotonic() >= self._cancel_deadline:
            message = f"The flow after a cancellation may take {self._cancel_seconds:g} s."
            return replace(record, status="Cancelled", failure=message)
        limit = "" if seconds is None else f" after {seconds:g} s"
        return replace(record, status="TimedOut", failure=f"Step timed out{limit}.")

    def _remaining(self, seconds: float | None) -> float | None:
        if self._cancel_deadline is None:
            return seconds
        remaining = max(0.0, self._cancel_deadline - time.monotonic())
        return remaining if seconds is None else min(seconds, remaining)

    def _keep(self, record: StepRecord) -> None:
        changed = self._execution.records[record.step.name].status != record.status
        self._execution.records[record.step.name] = record
        if changed:
            self._tell(record)

    def _change(self, status: str, *, ended: bool = False, failure: str = "") -> None:
        self._execution.change(status, ended=self._clock() if ended else None, failure=failure)
        self._tell(None)


def _failed(record: StepRecord, message: str, stage: str) -> StepRecord:
    sentence = message if message.endswith((".", "!", "?")) else f"{message}."
    return replace(
        record,
        status="Failed",
        failure=f"Step fails when it is {stage}. {sentence} {GUIDE}",
        stage={INPUTS: "InputValidation", POLL: "PostVerification"}.get(stage, "Invocation"),
    )


def _of_answer(step: Step, answer: Answer) -> dict[str, Any]:
    """The fields of a successful record. Raises NoValue where a declared output is not there."""
    outputs = dict(answer.outputs)
    if answer.payload is not None:
        outputs["OutputPayload"] = json.dumps(answer.payload, default=str)
    for output in step.outputs:
        outputs[output.name] = select(_plain(answer.payload), output)
    return {"outputs": outputs, "next_step": answer.jump or step.after, "log": answer.log}


def _plain(payload: Any) -> Any:
    return json.loads(json.dumps(payload, default=str))
