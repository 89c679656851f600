"""Spans of time, lists of names and errors of libraries, as a report words them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import datetime

from lambda_proxy.redact import redact_text


def span(since: datetime, now: datetime) -> str:
    """`52 minutes`, `3 hours`, `9 days`: how long ago, in the largest unit that is at least two."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} second" + ("" if seconds == 1 else "s")


def names(items: Iterable[str], most: int = 5) -> str:
    """`a, b and c`, or the first few `and 7 more`."""
    listed = [*items]
    if len(listed) > most:
        return f"{', '.join(listed[:most])} and {len(listed) - most} more"
    return " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def count(number: int, noun: str) -> str:
    """`1 pod`, `3 pods`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def near(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Up to three candidates that look like `name`, nearest first."""
    # Without the name itself: what has appeared meanwhile is no misspelling.
    pool: Sequence[str] = sorted(set(candidates) - {name})
    return tuple(difflib.get_close_matches(name, pool, n=3, cutoff=0.6))


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """`; did you mean prod?` for the candidate nearest to `name`, empty where none is near."""
    alike = near(name, candidates)
    return f"; did you mean {alike[0]}?" if alike else ""


def said_by(error: Exception) -> str:
    """What an error of a library says, on one line and without secrets."""
    return redact_text(str(error)).partition("\n")[0]


def clause(text: str) -> str:
    """A message as part of a sentence: on one line, without a final full stop."""
    return " ".join(text.split()).rstrip(".")
