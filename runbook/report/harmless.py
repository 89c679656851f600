"""Whatever a cluster says is made harmless once, in the report itself, before any form is made of it."""

from __future__ import annotations

import re
from typing import Any

#: Keys whose text may have several lines: quotations, commands, and what a check saw in full.
MULTILINE = frozenset({"excerpt", "command", "facts"})

# Controls, surrogates, and what Unicode calls default-ignorable: characters that reorder, hide or
# join others, and those that no reader can see.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def harmless(value: Any, *, lines: bool = False) -> Any:
    """Copy a JSON value with every unsafe character replaced by its number, visibly.

    `lines` keeps line breaks and tabs; elsewhere they become a space, so that no name and no
    message can forge a line of the report.
    """
    match value:
        case str():
            text = value.replace("\r\n", "\n")
            return _UNSAFE.sub(_escape, text if lines else re.sub(r"\s*[\n\t]\s*", " ", text))
        case dict():
            return {
                harmless(key): harmless(item, lines=lines or key in MULTILINE) for key, item in value.items()
            }
        case list() | tuple():
            return [harmless(item, lines=lines) for item in value]
        case _:
            return value


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
