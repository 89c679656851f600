"""References, selectors and the conversions between types."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runbook.local.automation.document import Output
from runbook.local.automation.values import NoValue, as_list, filled_in, references, select
from tests.local.automation.runs import Json, account, api, document, outcome, run, script

KNOWN: Json = {
    "Text": "t",
    "Number": 3,
    "Truth": True,
    "List": ["a", "b"],
    "Map": {"k": [1]},
    "global:REGION": "r",
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{ Text }}", "t"),
        ("{{Text}}", "t"),
        ("{{ Number }}", 3),
        ("{{ Truth }}", True),
        ("{{ List }}", ["a", "b"]),
        ("{{ Map }}", {"k": [1]}),
        ("is {{ Text }}{{Number}} {{ Truth }}", "is t3 true"),
        ("is {{ List }} {{ Map }}", 'is ["a", "b"] {"k": [1]}'),
        ({"a": ["{{ Number }}", {"{{ Text }}": "{{ global:REGION }}"}]}, {"a": [3, {"t": "r"}]}),
        ({"plain": 1, "braces": "{ Text }"}, {"plain": 1, "braces": "{ Text }"}),
    ],
)  # fmt: skip
def test_references_keep_the_type_where_they_stand_alone(value: Any, expected: Any) -> None:
    assert filled_in(value, KNOWN.__getitem__) == expected


def test_references_are_found_however_deep() -> None:
    assert references({"{{ a }}": ["x {{ b.c }} {{ global:REGION }}", {"k": 1}]}) == {
        "a",
        "b.c",
        "global:REGION",
    }


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("a", "String", "a"),
        (3, "String", "3"),
        (True, "String", "true"),
        (["a"], "String", "a"),
        ("3", "Integer", 3),
        ([3], "Integer", 3),
        ("true", "Boolean", True),
        (False, "Boolean", False),
        ("a", "StringList", ["a"]),
        (3, "StringList", ["3"]),
        (["a", "b"], "StringList", ["a", "b"]),
        (list(range(101)), "StringList", list(range(100))),
        ({"a": 1}, "StringMap", {"a": 1}),
        ([{"a": 1}], "MapList", [{"a": 1}]),
        ({"a": 1}, "MapList", [{"a": 1}]),
    ],
)
def test_conversions_that_ssm_makes(value: Any, kind: str, expected: Any) -> None:
    assert select({"v": value}, Output(name="V", selector="$.v", type=kind)) == expected


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        ({"a": 1}, "String", "dict"),
        (["a", "b"], "String", "list"),
        (None, "String", "NoneType"),
        ("x", "Integer", "str"),
        (True, "Integer", "bool"),
        ("yes", "Boolean", "str"),
        ("a", "StringMap", "str"),
    ],
)
def test_conversions_that_ssm_does_not_make(value: Any, kind: str, found: str) -> None:
    with pytest.raises(NoValue, match=f"^V is of type {found}, which is no {kind}$"):
        select({"v": value}, Output(name="V", selector="$.v", type=kind))


@pytest.mark.parametrize(
    ("selector", "kind", "expected"),
    [
        ("$.Stacks[0].Name", "String", "one"),
        ("$.Stacks[?(@.State == 'bad')].Name", "StringList", ["two"]),
        ("$..Name", "StringList", ["one", "two"]),
        ("$.Stacks[*].Name", "StringList", ["one", "two"]),
        ("$", "StringMap", {"Stacks": [{"Name": "one", "State": "good"}, {"Name": "two", "State": "bad"}]}),
    ],
)
def test_selectors(selector: str, kind: str, expected: Any) -> None:
    answer = {"Stacks": [{"Name": "one", "State": "good"}, {"Name": "two", "State": "bad"}]}
    assert select(answer, Output(name="V", selector=selector, type=kind)) == expected


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("$.Nope", r"^\$\.Nope selects nothing in the step's answer$"),
        ("$.[", r"^\$\.\[ is not a JSONPath that can be applied: "),
    ],
)
def test_selectors_that_find_nothing(selector: str, words: str) -> None:
    with pytest.raises(NoValue, match=words):
        select({"a": 1}, Output(name="V", selector=selector))


def test_the_api_shows_lists_of_texts() -> None:
    shown = [as_list(value) for value in ("a", 3, True, ["a", 1], {"k": None})]
    assert shown == [["a"], ["3"], ["true"], ["a", "1"], ['{"k": null}']]


def test_variables_of_the_system() -> None:
    names = ("ACCOUNT_ID", "REGION", "AWS_PARTITION", "DATE", "DATE_TIME")
    payload = {name: f"{{{{ global:{name} }}}}" for name in names} | {"ID": "{{ automation:EXECUTION_ID }}"}
    with account() as aws:
        record = run(aws, document(script("One", "def run(events, context):\n  return events", payload)))

    started: dt.datetime = record["ExecutionStartTime"].astimezone(dt.UTC)
    expected = {
        "ACCOUNT_ID": "111122223333",
        "REGION": "us-east-1",
        "AWS_PARTITION": "aws",
        "DATE": f"{started:%Y-%m-%d}",
        "DATE_TIME": f"{started:%Y-%m-%d_%H.%M.%S}",
        "ID": record["AutomationExecutionId"],
    }
    shown = str(expected).replace("'", '"')
    assert record["StepExecutions"][0]["Outputs"] == {
        "Payload": [shown],
        "OutputPayload": [f'{{"Payload": {shown}}}'],
    }


def test_an_output_that_is_not_there_fails_its_step() -> None:
    with account() as aws:
        record = run(aws, document(api("One", outputs=[{"Name": "A", "Selector": "$.Nope"}])))

    assert outcome(record) == ("Failed", {"One": "Failed"})
    assert record["FailureMessage"] == (
        "Step fails when it is validating and resolving the step inputs. $.Nope selects nothing in the step's "
        "answer. Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
    )


def test_a_reference_to_an_output_that_a_step_does_not_have_fails_the_next() -> None:
    content = document(api("One"), api("Two", "s3", "HeadBucket", inputs={"Bucket": "{{ One.Nope }}"}))
    with account() as aws:
        record = run(aws, content)

    assert outcome(record) == ("Failed", {"One": "Success", "Two": "Failed"})
    assert record["FailureMessage"] == (
        "Step fails when it is validating and resolving the step inputs. step One has no output Nope. Please "
        "refer to Automation Service Troubleshooting Guide for more diagnosis details."
    )
