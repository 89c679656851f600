"""Actions that call one operation of the AWS API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.response import StreamingBody

from runbook.local.automation.actions.base import POLL, Action, ActionFailed, Answer, Work
from runbook.local.automation.document import Json
from runbook.local.automation.values import NoValue, as_text, selected

#: Seconds between two looks at a resource. AWS takes longer; nothing is known about how long.
INTERVAL = 0.05
_OURS = ("Service", "Api", "PropertySelector", "DesiredValues")


def execute(work: Work) -> Answer:
    """aws:executeAwsApi."""
    return Answer(payload=_ask(work))


def wait_for(work: Work) -> Answer:
    """aws:waitForAwsResourceProperty: ask until the property has one of the desired values."""
    while True:
        answer = _ask(work)
        if _property(answer, work.inputs["PropertySelector"]) in work.inputs["DesiredValues"]:
            return Answer(payload=answer)
        work.pulse.pause(INTERVAL)


def assert_property(work: Work) -> Answer:
    """aws:assertAwsResourceProperty."""
    answer, wanted = _ask(work), work.inputs["DesiredValues"]
    value = _property(answer, work.inputs["PropertySelector"])
    if value not in wanted:
        raise ActionFailed(
            f"Property value from the API output is not equal to any desired value: "
            f"{as_text(value)} is not in {as_text(wanted)}.",
            stage=POLL,
        )
    return Answer(payload=answer)


def ask(work: Work, service: str, operation: str, parameters: Json, *, whole: bool = False) -> Json:
    """Call AWS as the document's role, within the step's time. Raises ActionFailed, OutOfTime, Stopped.

    A `whole` call is not abandoned when the step is cancelled or out of time.
    """
    try:
        method: Callable[..., Json] | None = getattr(
            work.environment.client(service), xform_name(operation), None
        )
        if method is None:
            raise ActionFailed(f"The service {service} has no operation {operation}.")
        return method(**parameters) if whole else work.pulse.call(lambda: method(**parameters))
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise ActionFailed(str(error)) from error


def _ask(work: Work) -> Json:
    parameters = {key: value for key, value in work.inputs.items() if key not in _OURS}
    answer = ask(work, work.inputs["Service"], work.inputs["Api"], parameters)
    if any(isinstance(value, StreamingBody) for value in answer.values()):
        raise ActionFailed("Operations that answer with a stream are not supported.")
    return answer


def _property(answer: Json, selector: str) -> Any:
    """The value of a property; None while the resource has no such property."""
    try:
        value = selected(answer, selector)
    except NoValue:
        return None
    return as_text(value) if isinstance(value, bool | int | float) else value


_PROPERTY = ("Service", "Api", "PropertySelector", "DesiredValues")
# Times: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeAwsApi.html
API_ACTIONS = {
    "aws:executeAwsApi": Action(run=execute, required=("Service", "Api"), limit=25),
    "aws:waitForAwsResourceProperty": Action(run=wait_for, required=_PROPERTY, default=3600),
    "aws:assertAwsResourceProperty": Action(run=assert_property, required=_PROPERTY, limit=25),
}
