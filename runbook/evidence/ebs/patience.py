"""What began a moment ago: nothing can be said of it yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from runbook.model import Resource, Unavailable
from runbook.wording import names, span


def refuse_early(began: Mapping[Resource, datetime], now: datetime) -> None:
    """Raises Unavailable when things were not judged because they began only a moment ago."""
    if began:
        told = (
            f"{r.kind.lower()} {r.path} began {span(at, now)} ago"
            for r, at in sorted(began.items(), key=_key)
        )
        raise Unavailable(f"{names(told)}; too early to tell")


def _key(item: tuple[Resource, datetime]) -> tuple[str, str, str]:
    return item[0].key
