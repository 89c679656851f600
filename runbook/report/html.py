"""What the HTML page needs beyond Jinja2: its style and script, and a policy that admits only these."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runbook.report.chain import branches
from runbook.report.words import is_web

FILTERS: dict[str, Callable[..., Any]] = {"branches": branches, "is_web": is_web}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page's own parts. `policy` is a Content-Security-Policy: nothing loads, nothing else runs."""

    style: str
    script: str
    policy: str


def page(read: Callable[[str], str]) -> Page:
    """Read style and script, both ours and free of `</`, and allow exactly them, by their digests."""
    style, script = read("report.css"), read("report.js")
    return Page(
        style=style,
        script=script,
        policy=(
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _digest(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
