"""Every scenario, live through the embedded servers and again from its recording."""

from __future__ import annotations

import functools
import json
import random
from datetime import datetime
from importlib import resources
from typing import Any

import jsonschema
import pytest

from runbook.local.demonstration import Demonstrated, demonstrate, deviation
from runbook.local.scenarios import Scenario, scenarios
from runbook.local.world import STORY_TIME
from runbook.recording import Answer, Recording, load
from runbook.report import render
from runbook.run import replay

EACH = pytest.mark.parametrize("scenario", scenarios().values(), ids=list(scenarios()))
SCHEMA = json.loads((resources.files("runbook.report") / "schema.json").read_text())


def story_time() -> datetime:
    return STORY_TIME


@functools.cache
def demonstrated(name: str) -> Demonstrated:
    return demonstrate(scenarios()[name], story_time)


def replayed(recording: Recording, scenario: Scenario) -> dict[str, Any]:
    return replay(scenario.document, recording)


@EACH
def test_the_report_is_what_the_scenario_expects(scenario: Scenario) -> None:
    assert deviation(scenario, demonstrated(scenario.name).report) == ""


@EACH
def test_a_report_is_made_from_all_that_was_asked(scenario: Scenario) -> None:
    reasons = [one["reason"] for one in demonstrated(scenario.name).report["not_checked"]]
    assert [reason for reason in reasons if reason == "not recorded"] == []


@EACH
def test_every_report_fits_the_published_schema(scenario: Scenario) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(demonstrated(scenario.name).report)


@EACH
def test_a_shuffled_recording_gives_the_same_bytes_in_every_form(scenario: Scenario) -> None:
    done = demonstrated(scenario.name)
    shuffled = shuffle(load(done.recording.dump(), scenario.name))
    again = replayed(shuffled, scenario)
    for form in ("text", "md", "html", "json"):
        assert render(again, form) == render(done.report, form)


def shuffle(recording: Recording) -> Recording:
    """The same entries in another order, and the items of every Kubernetes list in another order."""
    chance = random.Random(7)  # noqa: S311 - a test's shuffle
    entries = [*recording.entries.values()]
    chance.shuffle(entries)
    made = Recording(header=recording.header)
    for request, answer in entries:
        body = answer.body
        if isinstance(body, dict) and isinstance(body.get("items"), list):
            body = {**body, "items": chance.sample(body["items"], len(body["items"]))}
        made.add(request, Answer(outcome=answer.outcome, body=body, message=answer.message, cut=answer.cut))
    return made


@EACH
def test_nothing_but_reading_is_ever_asked(scenario: Scenario) -> None:
    done = demonstrated(scenario.name)
    assert done.violations == ()
    assert [
        call
        for call in done.aws_calls
        if not call.split(":")[1].startswith(("Describe", "Get", "List", "Simulate"))
    ] == []


@EACH
def test_a_run_costs_at_most_40_kubernetes_questions_and_20_logs(scenario: Scenario) -> None:
    calls = demonstrated(scenario.name).report["calls"]
    assert calls["kubernetes"] <= 40
    assert calls["logs"] <= 20
