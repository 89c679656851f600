"""What the plain-text template needs beyond Jinja2: columns, wrapping, colour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from runbook.report.chain import Link, Quote
from runbook.report.layout import display_width, pad, paint, spread, wrap

#: Columns of the chain are no wider than this share of the line; what is longer runs over.
KIND_SHARE, NAME_SHARE = 0.2, 0.36
NO_BREAK = "\u00a0"
COLOURS = {
    "FAULTY": "alarm", "HEALTHY": "green", "INCONCLUSIVE": "yellow",
    "FAIL": "red", "ERROR": "red", "UNKNOWN": "yellow", "PASS": "green", "SKIPPED": "dim",
    "cause": "alarm", "broken": "red", "unknown": "yellow", "ok": "green",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where the text will be read: columns, and whether colour may be used."""

    width: int
    color: bool

    def helpers(self) -> dict[str, Callable[..., str]]:
        """The template's filters."""
        return {
            "wrap": self.wrap,
            "spread": self.spread,
            "entry": self.entry,
            "rule": lambda sign: sign * self.width,
            "column": lambda text, others: pad(text, max(map(display_width, others))),
            "status": lambda word, width=0: pad(self.paint(word, COLOURS[word]), width),
            "paint": self.paint,
            "quoted": self.quoted,
            "chain": self.chain,
            "command": command,
        }

    def paint(self, text: str, colour: str) -> str:
        """In colour where that is allowed."""
        return paint(text, colour) if self.color else text

    def spread(self, left: str, right: str) -> str:
        """Both ends of a line."""
        return spread(left, right, self.width)

    def entry(self, left: str, right: str) -> str:
        """A check's title, with what it covers at the end of the line, or below it."""
        whole = self.wrap(left, "", " " * 9)
        last = whole.rsplit("\n", 1)[-1]
        gap = self.width - display_width(last) - display_width(right)
        if not right:
            return whole
        return f"{whole}{' ' * gap}{right}" if gap >= 2 else f"{whole}\n{' ' * 9}{right}"

    def wrap(self, text: str, first: str = "", rest: str | None = None) -> str:
        """Prose within the width."""
        return wrap(text, self.width, first, rest)

    def quoted(self, text: str, indent: int) -> str:
        """A quotation, each line marked, so that none of it can pass for the report's own words."""
        mark = " " * indent + "| "
        return "\n".join(
            wrap(line, self.width, mark, mark) for line in text.expandtabs(4).strip("\n").split("\n")
        )

    def chain(self, links: Sequence[Link]) -> str:
        """Mark, kind, name and what it says, in columns; the quotation below its link."""
        kinds = _column((link.kind for link in links), int(self.width * KIND_SHARE))
        names = _column((link.name for link in links), int(self.width * NAME_SHARE))
        return "\n".join(self._link(link, kinds, names) for link in links)

    def _link(self, link: Link, kinds: int, names: int) -> str:
        start = f"  {self.paint(link.mark, COLOURS[link.status])} {pad(link.kind, kinds)}  "
        name = self.paint(link.name, "alarm") if link.status == "cause" else link.name
        # No-break spaces keep the arrow and its words on one line.
        arrow = f"<- {link.cause}".replace(" ", NO_BREAK) if link.cause else ""
        says = f"{link.says} {self.paint(arrow, 'alarm')}" if arrow else link.says
        column = " " * (kinds + names + 8)
        first = start + pad(name, names) + "  "
        if display_width(link.name) > names and display_width(first + says) > self.width:
            said = f"{start}{name}\n{wrap(says, self.width, column)}"
        else:
            said = wrap(says, self.width, first, column)
        return "\n".join([said.replace(NO_BREAK, " "), *([self._quote(link.quote)] if link.quote else [])])

    def _quote(self, quote: Quote) -> str:
        return self.wrap(f"{quote.source}: “{quote.text}”", " " * 6)


def _column(cells: Iterable[str], limit: int) -> int:
    """The width of the widest cell that keeps within the limit."""
    return max((width for cell in cells if (width := display_width(cell)) <= limit), default=0)


def command(text: str, indent: int) -> str:
    """A command to paste: whole, never wrapped.

    One of several lines starts at the margin, because spaces would change what it does (a here-document
    ends only with its word at the line's start), between marks that say where it begins and ends.
    """
    margin = " " * indent
    return f"{margin}--- 8< ---\n{text}\n{margin}--- >8 ---" if "\n" in text else margin + text


def filters(width: int, color: bool) -> dict[str, Callable[..., str]]:
    """For a terminal of that width."""
    return Terminal(width=width, color=color).helpers()
