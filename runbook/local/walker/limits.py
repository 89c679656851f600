"""Time limits, the two minutes of a cancelled execution, and the size of a document."""

from __future__ import annotations

import json
from collections.abc import Iterator

from runbook.local.walker.graph import ACTIONS, END, Document, Json, Step, resolved

#: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
CANCEL_SECONDS = 120
#: https://docs.aws.amazon.com/general/latest/gr/ssm.html
DOCUMENT_BYTES = 64 * 1024


def limit_defects(document: Document) -> Iterator[str]:
    """Limits of each step, of the flow after a cancel, and of the document."""
    for step in document.steps.values():
        yield from _time(step)
    yield from _cancelled(document)
    if (size := document_bytes(document.content)) > DOCUMENT_BYTES:
        yield f"The document: has {size:,} bytes; SSM takes {DOCUMENT_BYTES:,}."


def document_bytes(content: Json) -> int:
    """The size of a document as JSON once its placeholders are replaced."""
    return len(resolved(json.dumps(content, ensure_ascii=False)).encode())


def cancelled_flow(document: Document, start: str) -> list[Step]:
    """The slowest way from a step to the end; within it nothing is cancelled again."""
    if start == END:
        return []
    targets = dict.fromkeys(edge.target for edge in document.after(start, "success", "failure"))
    return [document.steps[start], *max((cancelled_flow(document, one) for one in targets), key=_seconds)]


def _seconds(steps: list[Step]) -> int:
    return sum(step.seconds for step in steps)


def _time(step: Step) -> Iterator[str]:
    if step.action == "aws:branch":
        return
    longest, limit = ACTIONS[step.action].longest, step.fields.get("timeoutSeconds")
    if not isinstance(limit, int):
        yield f"Step '{step.name}': has no timeoutSeconds."
    elif not 0 < limit <= longest:
        yield f"Step '{step.name}': timeoutSeconds is {limit}; {step.action} takes 1 to {longest}."
    elif step.action == "aws:createStack" and step.inputs.get("TimeoutInMinutes") not in _minutes(limit):
        yield f"Step '{step.name}': TimeoutInMinutes must end within timeoutSeconds ({limit})."


def _minutes(seconds: int) -> range:
    return range(1, seconds // 60 + 1)


def _cancelled(document: Document) -> Iterator[str]:
    targets = (edge.target for edge in document.edges if edge.outcome == "cancel")
    for target in dict.fromkeys(targets):
        steps = cancelled_flow(document, target)
        if (total := _seconds(steps)) > CANCEL_SECONDS:
            sums = " + ".join(f"{step.seconds} ({step.name})" for step in steps)
            yield (
                f"Step '{target}': from here a cancelled execution has {CANCEL_SECONDS} s, "
                f"its steps may take {sums} = {total} s."
            )
