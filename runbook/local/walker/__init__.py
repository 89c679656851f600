"""Proves an SSM Automation document sound before anything is deployed: `defects` says what is not.

Neither cfn-lint nor SSM itself looks this far: that an output is surely set where it is used, and that
every way on from a stack leads through its removal, shows only in the graph of the steps.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from runbook.local.walker.attachments import attachment_defects
from runbook.local.walker.calls import call_defects
from runbook.local.walker.declarations import declaration_defects
from runbook.local.walker.graph import Json, Outcome, parse
from runbook.local.walker.limits import limit_defects
from runbook.local.walker.references import reference_defects
from runbook.local.walker.removal import removal_defects
from runbook.local.walker.structure import structure_defects
from runbook.local.walker.templates import template_defects

__all__ = ["defects", "flow"]


def defects(
    content: Json,
    *,
    files: Mapping[str, bytes] | None = None,
    allowed: Callable[[str], bool] | None = None,
) -> list[str]:
    """What is wrong with a document's content (schemaVersion 0.3, as plain data), one sentence each.

    `files` are the attachments' bytes by name. `allowed` tells whether the document's role may make an
    operation, such as "cloudformation:CreateStack". `${Name}` in a string stands for what only the
    deployment knows. Where declarations are wrong, or the steps are no sound graph, only that is told.
    """
    if broken := list(declaration_defects(content)):
        return broken
    document = parse(content)
    if broken := list(structure_defects(document)):
        return broken
    laws = (
        reference_defects,
        removal_defects,
        limit_defects,
        template_defects,
        functools.partial(attachment_defects, files=files or {}),
        functools.partial(call_defects, allowed=allowed),
    )
    return [defect for law in laws for defect in law(document)]


def flow(content: Json) -> list[tuple[str, str, str, str]]:
    """Each step, and what follows when it succeeds, fails (or times out) and is cancelled."""
    document = parse(content)

    def follows(name: str, outcome: Outcome) -> str:
        return " or ".join(edge.target or "end" for edge in document.after(name, outcome))

    return [(n, follows(n, "success"), follows(n, "failure"), follows(n, "cancel")) for n in document.steps]
