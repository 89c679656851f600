"""Markdown in which a cluster's words stay words: escaped text, code that cannot be broken out of.

Written for GitHub's flavour, which links more than CommonMark: bare addresses, @names, #numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from runbook.report.words import is_web

_RUNS = re.compile("`+")
# GitHub makes links of these after Markdown has been read, when a backslash no longer helps; inside
# code it leaves them alone.
_LINKED = re.compile(r"""[^\s'"`]*(?:@|://|www\.|mailto:|xmpp:|GH-\d|#\d)[^\s'"`]*""", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\`*\[\]<>~|$]|(?<!\S)#|&(?=#|\w+;)|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# What begins a heading, list, quotation, rule or setext underline at the start of a line.
_START = re.compile(r"^(\s*)(?:([#+=-])|(\d+)([.)]))")


def prose(text: str) -> str:
    """One line of text that renders as itself.

    Addresses and the like are set as code, the only place where nothing makes a link of them.
    """
    parts, end, text = [], 0, text.strip()
    for match in _LINKED.finditer(text):
        parts += [_escaped(text[end : match.start()]), code(match[0])]
        end = match.end()
    return _START.sub(_started, "".join([*parts, _escaped(text[end:])]))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _started(match: re.Match[str]) -> str:
    space, sign, number, dot = match.groups()
    return f"{space}\\{sign}" if sign else f"{space}{number}\\{dot}"


def code(text: str) -> str:
    """A code span, whatever backticks the text has."""
    if not text:
        return ""
    line = " ".join(text.split("\n"))
    ticks = "`" * (_longest_run(line) + 1 if "`" in line else 1)
    space = " " if line.startswith("`") or line.endswith("`") or (line[0] == line[-1] == " ") else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def fence(text: str, language: str = "", indent: int = 0) -> str:
    """A fenced block whose fence is longer than any run of backticks in it."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    margin = " " * indent
    lines = [ticks + language, *text.strip("\n").split("\n"), ticks]
    return "\n".join(margin + line if line else line for line in lines)


def link(address: str) -> str:
    """A link to documentation, or code where it is not a plain https address."""
    return f"<{address}>" if is_web(address) else code(address)


def _longest_run(text: str) -> int:
    return max(map(len, _RUNS.findall(text)), default=0)


FILTERS: dict[str, Callable[..., str]] = {"prose": prose, "code": code, "fence": fence, "link": link}
