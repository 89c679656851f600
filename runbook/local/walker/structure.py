"""Whether the steps form a graph that SSM accepts."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from runbook.local.walker.graph import ACTIONS, END, Document, Step

_REQUIRED = {"action", "inputs", "name"}
_OPTIONAL = {
    "description",
    "isCritical",
    "isEnd",
    "maxAttempts",
    "nextStep",
    "onCancel",
    "onFailure",
    "outputs",
    "timeoutSeconds",
}


def structure_defects(document: Document) -> Iterator[str]:
    """Names, fields, targets and order of the steps."""
    if document.repeated:
        yield from (f"Step '{name}': more than one step has this name." for name in document.repeated)
        return
    for step in document.steps.values():
        yield from _fields(step)
        yield from _targets(document, step)
    yield from _unreachable(document)
    yield from _cycle(document)
    yield from _ends(document)


def _fields(step: Step) -> Iterator[str]:
    if step.action not in ACTIONS:
        yield f"Step '{step.name}': action '{step.action}' is none that our documents use."
    for name in sorted(step.fields.keys() - _REQUIRED - _OPTIONAL):
        yield f"Step '{step.name}': SSM knows no field '{name}'."
    for name in sorted(_REQUIRED - step.fields.keys()):
        yield f"Step '{step.name}': has no '{name}'."
    for name, words in (("onFailure", ("Abort", "Continue")), ("onCancel", ("Abort",))):
        handler = str(step.fields.get(name, "Abort"))
        if handler not in words and not handler.startswith("step:"):
            yield f"Step '{step.name}': {name} is '{handler}', not {', '.join(words)} or step:NAME."
    if step.fields.get("onFailure") == "Continue" and step.fields.get("isCritical") is not False:
        yield f"Step '{step.name}': onFailure Continue hides failures; name a step or say isCritical false."


def _targets(document: Document, step: Step) -> Iterator[str]:
    for edge in document.after(step.name):
        if edge.target not in {*document.steps, END}:
            yield f"Step '{step.name}': leads on {edge.outcome} to '{edge.target}', which does not exist."
    for edge in document.after(step.name, "cancel"):
        target = document.steps.get(edge.target)
        if target and target.action in ACTIONS and not ACTIONS[target.action].after_cancel:
            yield f"Step '{step.name}': onCancel may not lead to {target.action} ('{target.name}')."
    if step.action == "aws:branch" and "Default" not in step.inputs:
        yield f"Step '{step.name}': the branch has no Default."


def _unreachable(document: Document) -> Iterator[str]:
    for name in document.steps:
        if document.way(document.first, name) is None:
            yield f"Step '{name}': no way leads to it."


def _cycle(document: Document) -> Iterator[str]:
    sorter = TopologicalSorter({name: {e.target for e in document.after(name)} for name in document.steps})
    try:
        sorter.prepare()
    except CycleError as error:
        *_, circle = error.args
        yield f"Step '{circle[0]}': is in a loop, which SSM refuses: {', '.join(reversed(circle))}."


def _ends(document: Document) -> Iterator[str]:
    *_, last = document.steps
    for step in document.steps.values():
        if step.name == last and step.fields.get("isEnd") is not True:
            yield f"Step '{step.name}': is the last, but does not say isEnd."
        if step.name != last and "isEnd" in step.fields:
            yield f"Step '{step.name}': says isEnd, but '{last}' is the last."
