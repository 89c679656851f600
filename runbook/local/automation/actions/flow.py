"""Actions that change only the course of the document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from runbook.local.automation.actions.base import INPUTS, Action, ActionFailed, Answer, Work
from runbook.local.automation.document import Json
from runbook.local.automation.values import as_text

# https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-branch-condition.html
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "StringEquals": lambda value, wanted: as_text(value) == as_text(wanted),
    "EqualsIgnoreCase": lambda value, wanted: as_text(value).lower() == as_text(wanted).lower(),
    "StartsWith": lambda value, wanted: as_text(value).startswith(as_text(wanted)),
    "EndsWith": lambda value, wanted: as_text(value).endswith(as_text(wanted)),
    "Contains": lambda value, wanted: as_text(wanted) in as_text(value),
    "NumericEquals": lambda value, wanted: float(value) == float(wanted),
    "NumericGreater": lambda value, wanted: float(value) > float(wanted),
    "NumericLesser": lambda value, wanted: float(value) < float(wanted),
    "NumericGreaterOrEquals": lambda value, wanted: float(value) >= float(wanted),
    "NumericLesserOrEquals": lambda value, wanted: float(value) <= float(wanted),
    "BooleanEquals": lambda value, wanted: as_text(value).lower() == as_text(wanted).lower(),
}
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def branch(work: Work) -> Answer:
    """aws:branch: the first choice that holds; else Default; else isEnd or the step below."""
    for choice in work.inputs["Choices"]:
        if _holds(choice):
            return Answer(jump=choice["NextStep"])
    return Answer(jump=work.inputs.get("Default"))


def sleep(work: Work) -> Answer:
    """aws:sleep."""
    work.pulse.pause(_seconds(work.inputs))
    return Answer()


def update_variable(work: Work) -> Answer:
    """aws:updateVariable."""
    work.environment.set_variable(work.inputs["Name"], work.inputs["Value"])
    return Answer(payload=work.inputs["Value"])


def _holds(condition: Json) -> bool:
    match condition:
        case {"And": parts}:
            return all(_holds(part) for part in parts)
        case {"Or": parts}:
            return any(_holds(part) for part in parts)
        case {"Not": part}:
            return not _holds(part)
    named = [name for name in OPERATORS if name in condition]
    if len(named) != 1 or "Variable" not in condition:
        raise ActionFailed(f"A choice needs Variable and one operator: {as_text(condition)}.", stage=INPUTS)
    try:
        return OPERATORS[named[0]](condition["Variable"], condition[named[0]])
    except (TypeError, ValueError) as error:
        raise ActionFailed(f"{named[0]} cannot be applied: {error}.", stage=INPUTS) from error


def _seconds(inputs: Json) -> float:
    if "Timestamp" in inputs:
        then = dt.datetime.fromisoformat(inputs["Timestamp"])
        return max(0.0, (then - dt.datetime.now(dt.UTC)).total_seconds())
    found = _DURATION.fullmatch(inputs.get("Duration", ""))
    if found is None or not any(found.groups()):
        raise ActionFailed(f"{inputs.get('Duration')!r} is not an ISO 8601 duration.", stage=INPUTS)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60.0 + seconds


FLOW_ACTIONS = {
    "aws:branch": Action(run=branch, required=("Choices",)),
    "aws:sleep": Action(run=sleep),
    "aws:updateVariable": Action(run=update_variable, required=("Name", "Value")),
}
