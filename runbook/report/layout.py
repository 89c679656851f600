"""Plain text in columns: width as a terminal shows it, wrapping that never breaks a word, colour."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: What `paint` adds; a report's own strings cannot contain it, because `harmless` removed every ESC.
_SGR = re.compile("\x1b\\[[0-9;]*m")

COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2", "alarm": "1;31"}


def paint(text: str, colour: str) -> str:
    """The text in a colour of COLOURS, for a terminal."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if text else ""


def display_width(text: str) -> int:
    """How many columns a terminal needs: wide characters two, combining marks and colour none."""
    return sum(_columns(character) for character in _SGR.sub("", text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """The text and spaces up to `width` columns."""
    return text + " " * max(0, width - display_width(text))


def wrap(text: str, width: int, first: str = "", rest: str | None = None) -> str:
    """Fill lines of at most `width` columns, the first after `first`, the others after `rest`.

    Breaks only at spaces: names, ARNs and policies stay whole, so that they can be copied. `rest` is
    as many spaces as `first` is wide unless given. Line breaks of the text are kept.
    """
    rest = " " * display_width(first) if rest is None else rest
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_fill(paragraph, width, rest if lines else first, rest))
    return "\n".join(line.rstrip() for line in lines)


def _fill(paragraph: str, width: int, first: str, rest: str) -> Iterator[str]:
    line, empty = first, True
    # Leading spaces are the paragraph's own indentation, as in a quoted policy.
    body = paragraph.lstrip(" ")
    line += " " * (len(paragraph) - len(body))
    for word in body.split(" "):
        if not empty and display_width(line) + 1 + display_width(word) > width:
            yield line
            line, empty = rest, True
        line, empty = (line if empty else line + " ") + word, False
    yield line


def spread(left: str, right: str, width: int) -> str:
    """One line with `left` and `right` at its ends; two where they do not fit."""
    gap = width - display_width(left) - display_width(right)
    return left + " " * gap + right if gap >= 2 else f"{wrap(left, width)}\n{wrap(right, width)}"
