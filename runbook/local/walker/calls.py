"""Whether each AWS operation of a document is real, valid by botocore's models, and allowed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from runbook.local.walker.graph import Document, Json, Step
from runbook.local.walker.shapes import filled, unselectable

_STACKS = {"aws:createStack": "CreateStack", "aws:deleteStack": "DeleteStack"}
_ASKING = {"aws:executeAwsApi", "aws:assertAwsResourceProperty", "aws:waitForAwsResourceProperty"}
_OWN = {"Service", "Api", "PropertySelector", "DesiredValues"}
_TYPES = {"String", "StringList", "Integer", "Boolean", "StringMap", "MapList"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An operation that a step makes by itself, as the document names it."""

    service: str
    operation: str
    parameters: Json


def call(step: Step) -> Call | None:
    """The call of a step; the inputs of the stack actions are CloudFormation's own parameters."""
    if step.action in _STACKS:
        return Call(service="cloudformation", operation=_STACKS[step.action], parameters=step.inputs)
    if step.action in _ASKING:
        service, operation = step.inputs.get("Service", ""), step.inputs.get("Api", "")
        parameters = {name: value for name, value in step.inputs.items() if name not in _OWN}
        return Call(service=service, operation=operation, parameters=parameters)
    return None


def operations(step: Step) -> list[str]:
    """What the role needs for a step's own call, such as "cloudformation:CreateStack"."""
    match call(step):
        case None:
            return []
        case Call(service="cloudformation", parameters=parameters) if step.action in _STACKS:
            passed = ["iam:PassRole"] if "RoleARN" in parameters else []
            return [f"cloudformation:{_STACKS[step.action]}", "cloudformation:DescribeStacks", *passed]
        case Call(service=service, operation=name):
            model = _operation(service, name)
            return [f"{service}:{model.name}"] if model else []


def call_defects(document: Document, allowed: Callable[[str], bool] | None) -> Iterator[str]:
    """Calls, what is selected from their answers, and the role's right to make them."""
    for step in document.steps.values():
        for wrong in (*_call(step), *_outputs(step), *_retried(step)):
            yield f"Step '{step.name}': {wrong}."
        for needed in operations(step):
            if allowed and not allowed(needed):
                yield f"Step '{step.name}': the role may not {needed}."


def _call(step: Step) -> Iterator[str]:
    asked = call(step)
    if asked is None:
        return
    model = _operation(asked.service, asked.operation)
    if model is None:
        yield f"'{asked.service}:{asked.operation}' is no operation of AWS"
        return
    if model.has_streaming_input or model.has_streaming_output:
        yield f"{model.name} streams, which {step.action} cannot"
    if model.input_shape:
        shape = model.input_shape
        report = ParamValidator().validate(filled(asked.parameters, shape), shape).generate_report()
        yield from (f"{model.name}: {line.rstrip('.')}" for line in report.splitlines())
    if step.action.endswith("AwsResourceProperty"):
        selector, values = step.inputs.get("PropertySelector", ""), step.inputs.get("DesiredValues")
        if not isinstance(values, list) or not values:
            yield "has no DesiredValues"
        yield from unselectable(selector, model.output_shape)


def _outputs(step: Step) -> Iterator[str]:
    asked = call(step)
    model = _operation(asked.service, asked.operation) if asked else None
    for output in step.outputs:
        if missing := {"Name", "Selector", "Type"} - output.keys():
            yield f"an output lacks {', '.join(sorted(missing))}"
            continue
        if output["Type"] not in _TYPES:
            yield f"output '{output['Name']}' is of no type that SSM has: '{output['Type']}'"
        if step.action == "aws:executeScript" and not output["Selector"].startswith("$.Payload"):
            yield f"output '{output['Name']}' selects '{output['Selector']}', not $.Payload"
        yield from unselectable(output["Selector"], model.output_shape if model else None)


def _retried(step: Step) -> Iterator[str]:
    """Without the token a second attempt fails, because the first has made the stack."""
    retried = step.action == "aws:createStack" and step.fields.get("maxAttempts", 1) > 1
    if retried and "ClientRequestToken" not in step.inputs:
        yield "has several attempts, but no ClientRequestToken"


@functools.cache
def _operation(service: str, name: str) -> OperationModel | None:
    """By the API's name (DeleteStack) or by boto3's (delete_stack): SSM's reference names both."""
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return None
    named = (one for one in model.operation_names if name in {one, xform_name(one)})
    return next((model.operation_model(one) for one in named), None)
