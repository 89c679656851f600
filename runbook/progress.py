"""What a run is doing, on standard error: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from runbook.documents import Step
from runbook.model import Finding
from runbook.report.words import topic_title
from runbook.run import Progress
from runbook.telling import tally


@contextlib.contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Show each step as it begins and what it found."""
    if sys.stderr.isatty():
        with _live(title) as show:
            yield show
    else:
        print(title, file=sys.stderr)
        yield _plain


def _plain(step: Step, findings: list[Finding] | None) -> None:
    if findings is not None:
        print(f"  {step.name}: {tally(findings)}", file=sys.stderr)


@contextlib.contextmanager
def _live(title: str) -> Iterator[Progress]:
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    console.print(title, style="bold", markup=False)
    with console.status("…") as status:

        def show(step: Step, findings: list[Finding] | None) -> None:
            if findings is None:
                status.update(topic_title(step.topic))
                return
            mark = "[red]✗[/red]" if any(f.failed for f in findings) else "[green]✓[/green]"
            console.print(f"  {mark} {topic_title(step.topic)}: {tally(findings)}")

        yield show
