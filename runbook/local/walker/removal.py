"""Whether every way on from a stack leads through its removal, and from there to the end."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.local.walker.calls import operations
from runbook.local.walker.graph import END, Document, Step, told


def removal_defects(document: Document) -> Iterator[str]:
    """Each step may succeed, fail or be cancelled; a stack must be removed after any of it."""
    for step in document.steps.values():
        if step.action == "aws:createStack":
            removals = [one for one in document.steps.values() if _removes(one, step)]
            yield from _removed(document, step, removals)
            for removal in removals:
                yield from _goes_on(document, removal)


def _removes(step: Step, created: Step) -> bool:
    same = step.inputs.get("StackName") == created.inputs.get("StackName")
    return same and "cloudformation:DeleteStack" in operations(step)


def _removed(document: Document, created: Step, removals: list[Step]) -> Iterator[str]:
    behind = [edge for removal in removals for edge in document.after(removal.name)]
    for edge in document.after(created.name):
        rest = document.way(edge.target, END, avoiding=behind)
        if rest is not None:
            yield f"Step '{created.name}': its stack stays behind when {told([edge, *rest])}."


def _goes_on(document: Document, removal: Step) -> Iterator[str]:
    """What tells of the run, and of a stack still there, must not depend on the removal's own success.

    So from the removal on, each step leads to one other, whatever happens to it.
    """
    name = removal.name
    if document.after(name, "success")[0].target == END:
        yield f"Step '{name}': nothing after the removal confirms that the stack is gone."
    while name != END:
        following = document.after(name, "success")[0].target
        for edge in document.after(name):
            if edge.target != following:
                instead = f"'{following}' on {edge.outcome} too, not to {edge.target or 'the end'}"
                yield f"Step '{name}': after the removal it must lead to {instead}."
        name = following
