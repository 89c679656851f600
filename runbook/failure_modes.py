"""The table of known failure modes: the closed vocabulary of `covers`."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureMode:
    """One way in which things break.

    `detect` says what it takes to see it: R1 reading, R2 logs as well, R3 a further grant, R4 nothing
    that only reads.
    """

    id: str
    title: str
    detect: tuple[str, ...]


@functools.cache
def failure_modes() -> dict[str, FailureMode]:
    """All failure modes by id."""
    text = resources.files("runbook").joinpath("failure_modes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["id"]: FailureMode(id=row["id"], title=row["title"], detect=tuple(row["detect"].split()))
        for row in rows
    }
