"""What a run is doing, on standard error: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, Protocol

from runbook.documents import Step
from runbook.model import Finding
from runbook.run import Progress
from runbook.telling import tally


class Lines(Protocol):
    """One line for each step."""

    def begin(self, step: str) -> None:
        """Say that a step has begun."""

    def end(self, step: str, told: str, *, bad: bool) -> None:
        """Say what became of it."""


@contextlib.contextmanager
def progress(title: str) -> Iterator[Lines]:
    """Show each step as it begins, and what came of it."""
    if sys.stderr.isatty():
        from rich.console import Console

        console = Console(stderr=True, highlight=False)
        console.print(title, style="bold", markup=False)
        with console.status("…") as status:
            yield _Live(console, status)
    else:
        print(title, file=sys.stderr)
        yield _Plain()


def of_checks(lines: Lines) -> Progress:
    """The same for steps that check, on this machine."""

    def show(step: Step, findings: list[Finding] | None) -> None:
        if findings is None:
            lines.begin(step.name)
        else:
            lines.end(step.name, tally(findings), bad=any(f.failed for f in findings))

    return show


class _Plain:
    def begin(self, step: str) -> None:
        """Nothing: a line that stays is written when there is something to tell."""

    def end(self, step: str, told: str, *, bad: bool) -> None:  # noqa: ARG002 - the words say it
        print(f"  {step}: {told}", file=sys.stderr, flush=True)


class _Live:
    def __init__(self, console: Any, status: Any) -> None:
        self._console = console
        self._status = status

    def begin(self, step: str) -> None:
        self._status.update(step)

    def end(self, step: str, told: str, *, bad: bool) -> None:
        from rich.markup import escape

        mark = "[red]✗[/red]" if bad else "[green]✓[/green]"
        self._console.print(f"  {mark} {escape(step)}: {escape(told)}")
