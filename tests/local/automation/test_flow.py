"""What an execution says of its steps, while it runs and afterwards."""

from __future__ import annotations

from runbook.local.aws import Fault
from tests.local.automation.runs import (
    account,
    api,
    automation,
    begin,
    create,
    document,
    ended,
    failing,
    nap,
    outcome,
    patiently,
    run,
    script,
    start,
)

BROKEN = (
    "Step fails when it is Execute/Cancelling action. An error occurred (404) when calling the HeadBucket "
    "operation: Not Found. Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
)


def test_the_first_critical_failure_is_that_of_the_run() -> None:
    with account() as aws:
        record = run(aws, document(failing("One", onFailure="step:Two"), nap("Two", timeoutSeconds=1)))

    assert record["FailureMessage"] == BROKEN
    assert [step["FailureMessage"] for step in record["StepExecutions"]] == [
        BROKEN, "Step timed out after 1 s.",
    ]  # fmt: skip
    assert record["StepExecutions"][0]["FailureDetails"] == {
        "FailureStage": "Invocation", "FailureType": "Action", "Details": {},
    }  # fmt: skip
    assert record["ProgressCounters"] == {
        "TotalSteps": 2, "SuccessSteps": 0, "FailedSteps": 1, "CancelledSteps": 0, "TimedOutSteps": 1,
    }  # fmt: skip


def test_an_attempt_that_fails_is_made_again() -> None:
    with account() as aws:
        record = run(aws, document(failing("One", maxAttempts=3)))

        assert aws.calls.count("s3:HeadBucket") == 3
    assert outcome(record) == ("Failed", {"One": "Failed"})


def test_an_attempt_that_succeeds_is_the_last() -> None:
    with account() as aws:
        create(aws, document(api("One", maxAttempts=5)))
        aws.faults["s3:ListBuckets"] = Fault(kind="unknown-key")
        execution = begin(aws)
        patiently(lambda: aws.calls.count("s3:ListBuckets") >= 2)
        del aws.faults["s3:ListBuckets"]
        assert outcome(ended(aws, execution)) == ("Success", {"One": "Success"})


def test_only_what_succeeded_has_outputs() -> None:
    outputs = [{"Name": "Region", "Selector": "$.Owner.DisplayName", "Type": "String"}]
    content = document(
        api("Good", outputs=outputs),
        failing("Bad", outputs=outputs, onFailure="step:Last"),
        api("Skipped", outputs=outputs),
        script("Last", "def run(events, context):\n  return events", {"bad": "{{ Bad.Region }}"}),
        outputs=["Good.Region", "Bad.Region", "Skipped.Region", "Last.Payload"],
    )
    unset = "No output available yet because the step is not successfully executed"
    with account() as aws:
        record = run(aws, content)

    assert record["Outputs"] == {
        "Good.Region": ["webfile"],
        "Bad.Region": [unset],
        "Skipped.Region": [unset],
        "Last.Payload": [f'{{"bad": "{unset}"}}'],
    }


def test_while_it_runs_it_says_where_it_is() -> None:
    with account() as aws:
        execution = automation(aws).find(start(aws, document(nap("Wait"))))
        patiently(lambda: execution.records["Wait"].status == "InProgress")
        described = execution.describe()

    assert described["AutomationExecutionStatus"] == "InProgress"
    assert (described["CurrentStepName"], described["CurrentAction"]) == ("Wait", "aws:sleep")
    assert "ExecutionEndTime" not in described


def test_an_account_that_closes_leaves_no_step_running() -> None:
    with account() as aws:
        execution = automation(aws).find(start(aws, document(nap("Wait"))))

    assert execution.status == "InProgress"
    assert execution.stopping == "Close"
