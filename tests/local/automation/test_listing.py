"""Lists of executions and of steps."""

from __future__ import annotations

import datetime as dt

from runbook.local.aws import EmbeddedAws
from tests.local.automation.runs import (
    Json,
    account,
    api,
    automation,
    begin,
    create,
    document,
    ended,
    failing,
    nap,
    patiently,
    run,
)
from tests.local.aws_account import ask, error

LIST, STEPS = "describe_automation_executions", "describe_automation_step_executions"
KEY = "AutomationExecutionMetadataList"


def three(aws: EmbeddedAws) -> list[str]:
    """Executions of three documents: one succeeds, one fails, one still runs."""
    create(aws, document(api("One")), "ShopGood")
    create(aws, document(failing("One")), "ShopBad")
    create(aws, document(nap("Wait")), "Other")
    good, bad = begin(aws, "ShopGood"), begin(aws, "ShopBad", Tags=[{"Key": "team", "Value": "a"}])
    ended(aws, good)
    ended(aws, bad)
    waiting = begin(aws, "Other")
    records = automation(aws).find(waiting).records
    patiently(lambda: records["Wait"].status == "InProgress")
    return [good, bad, waiting]


def found(aws: EmbeddedAws, *filters: tuple[str, list[str]]) -> list[str]:
    wanted = [{"Key": key, "Values": values} for key, values in filters]
    return [item["AutomationExecutionId"] for item in ask(aws, "ssm", LIST, Filters=wanted)[KEY]]


def test_executions_are_found_by_what_they_are() -> None:
    with account() as aws:
        good, bad, waiting = three(aws)
        everything = [item["AutomationExecutionId"] for item in ask(aws, "ssm", LIST)[KEY]]
        assert everything == [waiting, bad, good]
        assert found(aws, ("DocumentNamePrefix", ["Shop"])) == [bad, good]
        assert found(aws, ("ExecutionStatus", ["Success", "InProgress"])) == [waiting, good]
        assert found(aws, ("ExecutionId", [bad])) == [bad]
        assert found(aws, ("CurrentAction", ["aws:sleep"])) == [waiting]
        assert found(aws, ("AutomationType", ["Local"])) == everything
        assert found(aws, ("AutomationType", ["CrossAccount"])) == []
        assert found(aws, ("ParentExecutionId", [good])) == []
        assert found(aws, ("TagKey", ["team"])) == [bad]
        assert found(aws, ("DocumentNamePrefix", ["Shop"]), ("ExecutionStatus", ["Failed"])) == [bad]


def test_executions_are_found_by_their_time() -> None:
    with account() as aws:
        executions = three(aws)
        now = dt.datetime.now(dt.UTC)
        hour = dt.timedelta(hours=1)
        assert found(aws, ("StartTimeAfter", [f"{now - hour:%Y-%m-%dT%H:%M:%SZ}"])) == executions[::-1]
        assert found(aws, ("StartTimeBefore", [f"{now - hour:%Y-%m-%dT%H:%M:%SZ}"])) == []
        assert found(aws, ("StartTimeBefore", [f"{now + hour:%Y-%m-%dT%H:%M:%S}"])) == executions[::-1]
        wrong = [{"Key": "StartTimeBefore", "Values": ["noon"]}]
        assert error(aws, "ssm", LIST, Filters=wrong)[:2] == (
            "InvalidFilterValue", "noon is not a time like 2026-11-21T00:00:00Z.",
        )  # fmt: skip


def test_a_filter_that_is_not_built() -> None:
    with account() as aws:
        wanted = [{"Key": "OpsItemId", "Values": ["oi-1"]}]
        assert error(aws, "ssm", LIST, Filters=wanted) == (
            "NotEmbedded", "The filter OpsItemId is not part of the embedded account.", 501,
        )  # fmt: skip


def test_what_the_list_says_of_an_execution() -> None:
    with account() as aws:
        record = run(aws, document(api("One")))
        (item,) = ask(aws, "ssm", LIST)[KEY]

    assert item == {
        "AutomationExecutionId": record["AutomationExecutionId"],
        "DocumentName": "Test",
        "DocumentVersion": "1",
        "AutomationExecutionStatus": "Success",
        "ExecutionStartTime": record["ExecutionStartTime"],
        "ExecutionEndTime": record["ExecutionEndTime"],
        "ExecutedBy": "arn:aws:iam::111122223333:user/on-call",
        "LogFile": "",
        "Outputs": {},
        "Mode": "Auto",
        "Targets": [],
        "ResolvedTargets": {"ParameterValues": [], "Truncated": False},
        "AutomationType": "Local",
    }


def test_lists_are_paged() -> None:
    with account() as aws:
        good, bad, waiting = three(aws)
        first = ask(aws, "ssm", LIST, MaxResults=2)
        last = ask(aws, "ssm", LIST, MaxResults=2, NextToken=first["NextToken"])
        refusal = error(aws, "ssm", LIST, NextToken="x")

    assert [item["AutomationExecutionId"] for item in first[KEY]] == [waiting, bad]
    assert [item["AutomationExecutionId"] for item in last[KEY]] == [good]
    assert "NextToken" not in last
    assert refusal[:2] == ("InvalidNextToken", "The specified token isn't valid.")


def test_steps_are_listed_filtered_paged_and_turned_round() -> None:
    content = document(
        api("One"), failing("Two", onFailure="Continue"), api("Three", isEnd=True), api("Four")
    )

    with account() as aws:
        record = run(aws, content)
        execution = record["AutomationExecutionId"]

        def names(**more: object) -> list[str]:
            answer = ask(aws, "ssm", STEPS, AutomationExecutionId=execution, **more)
            return [step["StepName"] for step in answer["StepExecutions"]]

        def filtered(key: str, *values: str) -> list[str]:
            return names(Filters=[{"Key": key, "Values": list(values)}])

        assert (
            ask(aws, "ssm", STEPS, AutomationExecutionId=execution)["StepExecutions"]
            == record["StepExecutions"]
        )
        assert names() == ["One", "Two", "Three", "Four"]
        assert names(ReverseOrder=True) == ["Four", "Three", "Two", "One"]
        assert names(MaxResults=3, NextToken="3") == ["Four"]
        assert filtered("StepName", "Two", "Four") == ["Two", "Four"]
        assert filtered("StepExecutionStatus", "Failed") == ["Two"]
        assert filtered("Action", "aws:sleep") == []
        assert filtered("StepExecutionId", record["StepExecutions"][2]["StepExecutionId"]) == ["Three"]
        assert filtered("StartTimeAfter", "2020-01-01T00:00:00Z") == ["One", "Two", "Three"]


def test_a_step_that_has_not_begun_has_no_times() -> None:
    content = document(api("One", isEnd=True), api("Two", timeoutSeconds=9, nextStep="Three"), api("Three"))
    with account() as aws:
        step: Json = run(aws, content)["StepExecutions"][1]

    assert step == {
        "StepName": "Two",
        "Action": "aws:executeAwsApi",
        "TimeoutSeconds": 9,
        "OnFailure": "Abort",
        "MaxAttempts": 1,
        "StepStatus": "Pending",
        "Inputs": {},
        "Outputs": {},
        "StepExecutionId": step["StepExecutionId"],
        "OverriddenParameters": {},
        "IsEnd": False,
        "IsCritical": True,
        "ValidNextSteps": ["Three"],
    }


def test_an_execution_that_never_was() -> None:
    with account() as aws:
        for operation in (STEPS, "get_automation_execution"):
            assert error(aws, "ssm", operation, AutomationExecutionId="0" * 36)[:2] == (
                "AutomationExecutionNotFoundException",
                "There is no automation execution information for the requested automation execution ID.",
            )
