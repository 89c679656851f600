"""What CreateDocument refuses: a document that could not run, before it ever does.

AWS does not publish the words of these refusals; the codes are those of its service model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from runbook.local.automation.actions import ACTIONS
from runbook.local.automation.document import Document, Json, Step, content_of, document_of
from runbook.local.automation.parameters import PARAMETER_TYPES, PLAIN
from runbook.local.automation.values import TYPES, references
from runbook.local.aws.moto_wire import AwsError, not_embedded

LARGEST = 64 * 1024
RESERVED = ("aws", "amazon", "amzn", "awsec2", "awsconfigremediation", "awssupport")
MOST_ATTACHMENTS = 5
TOP = {
    "schemaVersion", "description", "assumeRole", "parameters", "variables", "mainSteps", "outputs", "files",
}  # fmt: skip
STEP = {
    "name", "action", "description", "inputs", "outputs", "timeoutSeconds", "maxAttempts", "onFailure",
    "onCancel", "isCritical", "isEnd", "nextStep",
}  # fmt: skip
ELSEWHERE = frozenset(
    f"aws:{name}"
    for name in (
        "approve", "changeInstanceState", "copyImage", "createImage", "createTags", "deleteImage",
        "executeAutomation", "executeStateMachine", "invokeWebhook", "loop", "pause", "runCommand",
        "runInstances",
    )
)  # fmt: skip
# "onCancel": https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
NOT_AFTER_CANCEL = frozenset(
    f"aws:{name}"
    for name in (
        "approve", "copyImage", "createImage", "createStack", "createTags", "loop", "pause", "runInstances",
        "sleep",
    )
)  # fmt: skip
SYSTEM = frozenset(
    {f"global:{name}" for name in ("ACCOUNT_ID", "REGION", "DATE", "DATE_TIME", "AWS_PARTITION")}
    | {"automation:EXECUTION_ID"}
)
_STEP_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def refuse_name(name: str) -> None:
    """Raise AwsError for a name that belongs to AWS."""
    if name.lower().startswith(RESERVED):
        raise AwsError("ValidationException", f"Document name {name} begins with a prefix reserved for AWS.")


def checked(text: str, document_format: str) -> Document:
    """A document that may be kept. Raises AwsError for any that AWS or this interpreter would not run."""
    if len(text.encode()) > LARGEST:
        raise AwsError("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")
    try:
        content = content_of(text, document_format)
    except ValueError as error:
        raise _invalid(f"the content is not valid {document_format}: {error}") from error
    if content.get("schemaVersion") != "0.3":
        raise AwsError(
            "InvalidDocumentSchemaVersion",
            f"The version of the document schema is not supported: {content.get('schemaVersion')!r}; "
            "documents of type Automation have '0.3'.",
        )
    try:
        problem = next(_problems(content), None)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _invalid(f"a part of it has not the form that it must have ({error!r})") from error
    if problem is not None:
        raise _invalid(problem)
    return document_of(content)


def _invalid(problem: str) -> AwsError:
    return AwsError("InvalidDocumentContent", f"The content for the document is not valid: {problem}.")


def _problems(content: Json) -> Iterator[str]:
    yield from _of_content(content)
    yield from _of_document(document_of(content))


def _of_content(content: Json) -> Iterator[str]:
    if unknown := content.keys() - TOP:
        yield f"unknown key {min(unknown)}"
    for name, parameter in (content.get("parameters") or {}).items():
        if parameter.get("type") not in PARAMETER_TYPES:
            yield f"parameter {name} has the unknown type {parameter.get('type')}"
    for name, variable in (content.get("variables") or {}).items():
        if variable.get("type") not in PLAIN:
            yield f"variable {name} has the unknown type {variable.get('type')}"
    if not content.get("mainSteps"):
        yield "mainSteps has no step"
        return
    names: set[str] = set()
    for raw in content["mainSteps"]:
        yield from _of_raw_step(raw)
        if raw["name"] in names:
            yield f"step {raw['name']} exists twice"
        names.add(raw["name"])
    if len(content.get("files") or {}) > MOST_ATTACHMENTS:
        yield f"it has more than {MOST_ATTACHMENTS} attachments"


def _of_raw_step(raw: Json) -> Iterator[str]:
    name, action = raw.get("name", ""), raw.get("action", "")
    if not _STEP_NAME.fullmatch(str(name)):
        yield f"{name!r} is not the name of a step"
    if action in ELSEWHERE:
        raise not_embedded(f"The action {action} of step {name}")
    if action not in ACTIONS:
        yield f"step {name} has the unknown action {action}"
        return
    if unknown := raw.keys() - STEP:
        yield f"step {name} has the unknown key {min(unknown)}"
    if missing := [key for key in ACTIONS[action].required if key not in (raw.get("inputs") or {})]:
        yield f"step {name} lacks the input {missing[0]}"
    yield from _of_raw_limits(raw)


def _of_raw_limits(raw: Json) -> Iterator[str]:
    for key in ("timeoutSeconds", "maxAttempts"):
        if int(raw.get(key, 1)) < 1:
            yield f"{key} of step {raw['name']} is less than 1"
    for output in raw.get("outputs", []):
        if not {"Name", "Selector"} <= output.keys() or output.get("Type", "String") not in TYPES:
            yield f"an output of step {raw['name']} lacks Name or Selector, or has an unknown Type"


def _of_document(document: Document) -> Iterator[str]:
    for step in document.steps.values():
        yield from _of_ways(step, document)
        yield from _of_script(step, document)
    yield from _of_references(document)
    yield from _of_outputs(document)
    graph = {
        step.name: sorted({target for _, target in step.targets()} | ({step.after} if step.after else set()))
        for step in document.steps.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"its steps form a loop: {' -> '.join(reversed(error.args[1]))}"


def _of_ways(step: Step, document: Document) -> Iterator[str]:
    if step.on_failure not in ("Abort", "Continue") and not step.on_failure.startswith("step:"):
        yield f"onFailure of step {step.name} is {step.on_failure}"
    if step.on_cancel != "Abort" and not step.on_cancel.startswith("step:"):
        yield f"onCancel of step {step.name} is {step.on_cancel}"
    if step.on_cancel != "Abort" and step.action == "aws:updateVariable":
        yield f"step {step.name} of aws:updateVariable cannot have onCancel"
    for key, target in step.targets():
        found = document.steps.get(target)
        if found is None:
            yield f"{key} of step {step.name} names {target}, which does not exist"
        elif key == "onCancel" and found.action in NOT_AFTER_CANCEL:
            yield f"onCancel of step {step.name} leads to {found.action}"


def _of_script(step: Step, document: Document) -> Iterator[str]:
    if step.action != "aws:executeScript":
        return
    attachment = step.inputs.get("Attachment")
    if ("Script" in step.inputs) == (attachment is not None):
        yield f"step {step.name} needs either Script or Attachment"
    if attachment is not None and attachment not in (document.content.get("files") or {}):
        yield f"step {step.name} uses {attachment}, which is not in files"


def _of_references(document: Document) -> Iterator[str]:
    known = SYSTEM | document.parameters.keys() | {f"variable:{name}" for name in document.variables}
    for step in document.steps.values():
        for name in sorted(references(step.inputs) - known):
            if name.partition(".")[0] not in document.steps or "." not in name:
                yield f"step {step.name} refers to {name}, which is not defined"
    for name in sorted(references(document.content.get("assumeRole", "")) - known):
        yield f"assumeRole refers to {name}, which is not defined"


def _of_outputs(document: Document) -> Iterator[str]:
    for name in document.content.get("outputs") or []:
        if name.partition(".")[0] not in document.steps or "." not in name:
            yield f"outputs names {name}, which no step has"
