"""Whether every `{{ reference }}` is known, and surely set where it is used."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.local.walker.graph import ACTIONS, REFERENCE, Document, Step, strings, told

#: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-variables.html
SYSTEM = frozenset(
    {
        "automation:EXECUTION_ID",
        "global:ACCOUNT_ID",
        "global:AWS_PARTITION",
        "global:DATE",
        "global:DATE_TIME",
        "global:REGION",
    }
)


def reference_defects(document: Document) -> Iterator[str]:
    """References in the steps' inputs, in `assumeRole` and in the document's outputs."""
    parameters = document.content.get("parameters", {}).keys()
    for step in document.steps.values():
        for name in _references(step.inputs):
            if name not in parameters | SYSTEM:
                yield from (f"Step '{step.name}': {wrong}." for wrong in _output(document, step, name))
    for name in _references(document.content.get("assumeRole", "")):
        if name not in parameters:
            yield f"The document: assumeRole uses '{name}', which is no parameter."
    for name in document.content.get("outputs", []):
        if not _declared(document, name):
            yield f"The document: gives out '{name}', which no step has."


def _references(value: object) -> list[str]:
    """The names referred to, each once."""
    return list(dict.fromkeys(name for text in strings(value) for name in REFERENCE.findall(text)))


def _output(document: Document, step: Step, name: str) -> Iterator[str]:
    """An output is set only by success: in any other case SSM puts "No output available yet" there."""
    if not _declared(document, name):
        yield f"uses '{name}', which is neither parameter nor variable nor output of a step"
        return
    source = name.partition(".")[0]
    unset = document.way(document.first, step.name, avoiding=document.after(source, "success"))
    if unset is not None:
        yield f"uses '{name}', which is not set when {told(unset) or 'the execution starts'}"


def _declared(document: Document, name: str) -> bool:
    source, _, output = name.partition(".")
    step = document.steps.get(source)
    if step is None:
        return False
    return output in {*ACTIONS[step.action].outputs, *(one.get("Name") for one in step.outputs)}
