"""What the runs settle about the stack, the flow of the document, and cancelling.

Each public function has the name of a heading of docs/unverified.md. It raises KeyError for what is missing.
"""

from __future__ import annotations

from tests.aws_account.running import Run
from tests.aws_account.seeing import Outcome, Seen, listed, says, status

#: The flow of a cancelled run.
ENDING = ("RemoveProxy", "GenerateReport", "ConfirmProxyRemoved", "FinishRun")
#: Seconds that SSM gives to that flow.
CANCEL_SECONDS = 120
#: A stack that is deleted without waiting for its network interface is gone in less.
AT_ONCE = 60


def deletion_does_not_wait(seen: Seen) -> Outcome:
    seconds = seen.normal.stack_seconds("DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    if not seen.attached:
        return says(None, "the function was not attached to the VPC: the endpoint is public")
    if seconds is None:
        return says(False, f"the deletion had not ended: {_statuses(seen.normal)}")
    return says(
        seconds <= AT_ONCE, f"the stack was deleted in {seconds:.0f} s; interfaces: {listed(seen.interfaces)}"
    )


def create_without_interfaces(seen: Seen) -> Outcome:
    created = seen.normal.stack_seconds("CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    if not seen.attached:
        return says(None, "the function was not attached to the VPC: the endpoint is public")
    if created is None:
        return says(False, f"the stack was not made: {_statuses(seen.normal)}")
    return says(True, f"an attached function was made in {created:.0f} s")


def role_stays_with_stack(seen: Seen) -> Outcome:
    removed = status(seen.normal, "RemoveProxy")
    return says(
        removed == "Success" and not seen.stacks,
        f"RemoveProxy: {removed}; stacks left: {listed(seen.stacks)}",
    )


def create_stack_polls(seen: Seen) -> Outcome:
    created = seen.normal.stack_seconds("CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    if created is None:
        return says(None, "the stack was not made")
    late = seen.normal.seconds("DeployProxy") - created
    return says(True, f"DeployProxy ended {late:.0f} s later than the stack was complete")


def function_becomes_active(seen: Seen) -> Outcome:
    reached = status(seen.normal, "WaitForProxy")
    waited = f" after {seen.normal.seconds('WaitForProxy'):.0f} s" if reached != "not reached" else ""
    return says(reached == "Success", f"WaitForProxy: {reached}{waited}")


def cancel_runs_the_ending(seen: Seen) -> Outcome:
    if not _was_cancelled(seen):
        return says(None, "the run had ended before it could be cancelled")
    ends = {name: status(seen.cancelled, name) for name in ENDING}
    good = set(ends.values()) == {"Success"} and "report.json" in seen.cancelled.files
    told = ", ".join(f"{name} {ended}" for name, ended in ends.items())
    return says(good, f"{told}; report {'written' if 'report.json' in seen.cancelled.files else 'missing'}")


def cancel_has_two_minutes(seen: Seen) -> Outcome:
    if not _was_cancelled(seen) or seen.cancelled.stopped is None:
        return says(None, "the run had ended before it could be cancelled")
    taken = (seen.cancelled.execution["ExecutionEndTime"] - seen.cancelled.stopped).total_seconds()
    return says(taken <= CANCEL_SECONDS, f"{taken:.0f} s from the cancel to the end")


def cancelled_is_the_status(seen: Seen) -> Outcome:
    if seen.cancelled.stopped is None or seen.cancelled.status == "Success":
        return says(None, "the run had ended before it could be cancelled")
    return says(seen.cancelled.status == "Cancelled", seen.cancelled.status)


def cancel_ends_a_script_at_once(seen: Seen) -> Outcome:
    broken_off = [step for step in seen.cancelled.steps.values() if step["StepStatus"] == "Cancelled"]
    if seen.cancelled.stopped is None or not broken_off:
        return says(None, "no running step was broken off")
    late = (broken_off[0]["ExecutionEndTime"] - seen.cancelled.stopped).total_seconds()
    return says(True, f"{broken_off[0]['StepName']} went on for {late:.0f} s")


def branch_on_boolean(seen: Seen) -> Outcome:
    went, stayed = "DeployProxy" in seen.normal.steps, "DeployProxy" not in seen.stopped.steps
    told = [one.output("ValidateTarget", "Proceed") or "nothing" for one in (seen.normal, seen.stopped)]
    return says(went and stayed, f"Proceed is told as {' and '.join(told)}")


def steps_are_told_while_it_runs(seen: Seen) -> Outcome:
    cause = seen.stopped.outputs.get("GenerateReport.ProbableCause", "")
    failure = seen.stopped.steps.get("FinishRun", {}).get("FailureMessage", "")
    return says(
        bool(cause) and cause[:60] in failure,
        f"FinishRun: {failure.rpartition(chr(10))[2][:200] or 'no failure'}",
    )


def last_step_fails_the_run(seen: Seen) -> Outcome:
    return says(
        seen.stopped.status == "Failed", f"the run without such a cluster ended with {seen.stopped.status}"
    )


def everything_succeeded(seen: Seen) -> Outcome:
    bad = [
        f"{name} {step['StepStatus']}"
        for name, step in seen.normal.steps.items()
        if step["StepStatus"] != "Success"
    ]
    verdict = seen.normal.outputs.get("GenerateReport.Verdict", "none")
    return says(seen.normal.status == "Success", f"verdict {verdict}; steps that failed: {listed(bad)}")


def events_start_the_sweeper(seen: Seen) -> Outcome:
    names = ("Success", "Cancelled", "Failed")
    told = ", ".join(
        f"{name}: {'swept' if was else 'not swept'}" for name, was in zip(names, seen.swept, strict=True)
    )
    return says(all(seen.swept), told)


def _was_cancelled(seen: Seen) -> bool:
    return seen.cancelled.stopped is not None and seen.cancelled.status != "Success"


def _statuses(run: Run) -> str:
    return listed([event["ResourceStatus"] for event in run.events])
