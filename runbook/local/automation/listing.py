"""Lists of executions and steps: filtered and paged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from runbook.local.automation.document import Json
from runbook.local.automation.executions import Automation
from runbook.local.automation.records import Execution
from runbook.local.aws.moto_wire import AwsError, not_embedded

Test = Callable[[Json, str], bool]
MOST = 50


def _time(text: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise AwsError("InvalidFilterValue", f"{text} is not a time like 2026-11-21T00:00:00Z.") from error
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def _equals(key: str) -> Test:
    return lambda item, value: item.get(key) == value


def _started(later: bool) -> Test:
    def test(item: Json, value: str) -> bool:
        started = item.get("ExecutionStartTime")
        return started is not None and (started > _time(value) if later else started < _time(value))

    return test


EXECUTION_TESTS: dict[str, Test] = {
    "DocumentNamePrefix": lambda item, value: item["DocumentName"].startswith(value),
    "ExecutionStatus": _equals("AutomationExecutionStatus"),
    "ExecutionId": _equals("AutomationExecutionId"),
    "ParentExecutionId": _equals("ParentAutomationExecutionId"),
    "CurrentAction": _equals("CurrentAction"),
    "AutomationType": _equals("AutomationType"),
    "StartTimeBefore": _started(later=False),
    "StartTimeAfter": _started(later=True),
}
STEP_TESTS: dict[str, Test] = {
    "StepName": _equals("StepName"),
    "StepExecutionId": _equals("StepExecutionId"),
    "StepExecutionStatus": _equals("StepStatus"),
    "Action": _equals("Action"),
    "StartTimeBefore": _started(later=False),
    "StartTimeAfter": _started(later=True),
}


def executions(automation: Automation, parameters: Json) -> Json:
    """DescribeAutomationExecutions: newest first."""

    def tagged(item: Json, value: str) -> bool:
        return value in automation.tags.get(item["AutomationExecutionId"], {})

    items = filtered(
        [_metadata(execution) for execution in automation.all()],
        parameters.get("Filters", []),
        {**EXECUTION_TESTS, "TagKey": tagged},
    )
    return _page(items, parameters, "AutomationExecutionMetadataList")


def steps(execution: Execution, parameters: Json) -> Json:
    """DescribeAutomationStepExecutions: in the document's order, or backwards."""
    items = filtered(execution.steps(), parameters.get("Filters", []), STEP_TESTS)
    if parameters.get("ReverseOrder"):
        items.reverse()
    return _page(items, parameters, "StepExecutions")


def filtered(items: Iterable[Json], filters: list[Json], tests: dict[str, Test]) -> list[Json]:
    """The items that pass every filter; a filter is passed with any of its values. Raises AwsError."""
    for wanted in filters:
        if wanted["Key"] not in tests:
            raise not_embedded(f"The filter {wanted['Key']}")
    return [
        item
        for item in items
        if all(any(tests[f["Key"]](item, value) for value in f["Values"]) for f in filters)
    ]


def _metadata(execution: Execution) -> Json:
    return {**execution.summary(), "LogFile": "", "AutomationType": "Local"}


def _page(items: list[Json], parameters: Json, key: str) -> Json:
    token = parameters.get("NextToken") or "0"
    if not token.isdecimal():
        raise AwsError("InvalidNextToken", "The specified token isn't valid.")
    end = int(token) + parameters.get("MaxResults", MOST)
    more = {"NextToken": str(end)} if end < len(items) else {}
    return {key: items[int(token) : end], **more}
