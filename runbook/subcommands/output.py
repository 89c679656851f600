"""What the subcommands share: exit statuses, the report on the terminal or in a file, the clock."""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runbook.model import UsageError

HEALTHY, FAULTY, INCONCLUSIVE, FAILURE, INTERRUPTED = 0, 1, 2, 3, 130
BY_VERDICT = {"healthy": HEALTHY, "faulty": FAULTY, "inconclusive": INCONCLUSIVE}
_WIDTH = 100


def warn(sentence: str) -> None:
    """A line on standard error."""
    print(f"eks-runbook: {sentence}", file=sys.stderr)


def tell(report: dict[str, Any], options: argparse.Namespace) -> None:
    """The report in the form that was asked for."""
    from runbook.report import render

    terminal = not options.output_file and sys.stdout is not None and sys.stdout.isatty()
    width = min(_WIDTH, shutil.get_terminal_size().columns) if terminal else _WIDTH
    tell_text(render(report, options.output, width=width, color=terminal), options)


def tell_text(text: str, options: argparse.Namespace) -> None:
    """A text to where the report is to go. Raises UsageError."""
    if options.output_file:
        options.output_file.write_text(text, encoding="utf-8")
        warn(f"the report is in {options.output_file}")
    elif sys.stdout is None:
        raise UsageError("standard output is closed; use --output-file")
    else:
        print(text, end="", flush=True)


def program() -> tuple[str, ...]:
    """The words by which this program was called: as a module of some Python, or installed."""
    if Path(sys.argv[0]).parts[-2:] != ("runbook", "__main__.py"):
        return ("eks-runbook",)
    python = Path(sys.executable)
    near = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return (str(near), "-m", "runbook")


def writable(*paths: Path | None) -> None:
    """Find out before asking anything; a report that cannot be kept is an hour lost."""
    for path in filter(None, paths):
        there = path.exists()
        if there and not path.is_file():
            raise UsageError(f"{path} cannot be written: it is no file")
        try:
            with path.open("ab"):
                pass
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None
        if not there:
            path.unlink()
    if len({path.resolve() for path in paths if path}) < sum(path is not None for path in paths):
        raise UsageError("the report would overwrite the recording; give them different names")


def refuse_empty(options: argparse.Namespace, *names: str) -> None:
    """An option given as empty is a slip, such as an unset variable. Raises UsageError."""
    for name in names:
        if str(getattr(options, name)) in ("", "."):
            raise UsageError(f"--{name.replace('_', '-')} is given as empty; leave it out")


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)
