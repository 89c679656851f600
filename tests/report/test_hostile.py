"""Hostile strings, in every field at once, come out harmless in all four forms."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from runbook.report import render
from runbook.report.harmless import harmless
from runbook.report.words import is_web
from tests.report.hostile import STRINGS, everywhere
from tests.report.samples import SAMPLES

UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")

hostile = pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
every_sample = pytest.mark.parametrize("name", SAMPLES)


class Tags(HTMLParser):
    """Every tag with its attributes, and the text between them, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", {"data": data}))


def benign(text: str) -> str:
    """A string without tricks; of as many lines, because facts of several lines are laid out as a block."""
    return "word\nword" if "\n" in text else "word"


def unsafe(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in UNSAFE} - {"\n", "\t"}


@every_sample
@hostile
def test_no_form_contains_an_unsafe_character(name: str, text: str) -> None:
    report = everywhere(SAMPLES[name], text)
    for form in ("text", "md", "html", "json"):
        assert unsafe(render(report, form)) == set()


@every_sample
@hostile
def test_html_has_the_tags_that_a_benign_report_has(name: str, text: str) -> None:
    def structure(said: str) -> list[tuple[str, tuple[str, ...]]]:
        page = render(everywhere(SAMPLES[name], said), "html")
        return [(tag, tuple(attributes)) for tag, attributes in Tags(page).tags]

    assert structure(text) == structure(benign(text))


@hostile
def test_html_says_what_the_cluster_said(text: str) -> None:
    page = Tags(render(everywhere(SAMPLES["faulty"], text), "html"))
    assert harmless(text).strip() in "".join(page.texts)


def test_html_links_only_to_https() -> None:
    def links(docs: str) -> set[str | None]:
        findings = [{**finding, "docs": docs} for finding in SAMPLES["faulty"]["findings"]]
        page = render({**SAMPLES["faulty"], "findings": findings}, "html")
        return {attributes["href"] for tag, attributes in Tags(page).tags if tag == "a"}

    assert links("https://docs.aws.amazon.com/a?b=c&d#e") == {"https://docs.aws.amazon.com/a?b=c&d#e"}
    for wrong in (
        "javascript:alert(1)",
        "http://docs.aws.amazon.com",
        "//evil.example",
        'https://x/"',
        "https://",
    ):
        assert links(wrong) == set()


def markdown_tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from markdown_tokens(token.children or [])


def parsed(report: dict[str, Any]) -> list[Token]:
    """As a renderer would read it that admits raw HTML, tables and strikethrough."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return list(markdown_tokens(reader.parse(render(report, "md"))))


OURS_IN_MARKDOWN = re.compile(r"<details><summary>[0-9a-z, ]+</summary>\n|</details>\n")


@every_sample
@hostile
def test_markdown_contains_nothing_but_its_own_markup(name: str, text: str) -> None:
    tokens = parsed(everywhere(SAMPLES[name], text))
    types = {token.type for token in tokens}
    assert types & {"image", "html_inline", "table_open", "s_open", "code_block", "lheading_open"} == set()
    assert [
        t.content for t in tokens if t.type == "html_block" and not OURS_IN_MARKDOWN.fullmatch(t.content)
    ] == []
    targets = {token.attrs["href"] for token in tokens if token.type == "link_open"}
    assert targets <= ({text} if is_web(text) else set())


@every_sample
@hostile
def test_markdown_has_the_blocks_that_a_benign_report_has(name: str, text: str) -> None:
    def blocks(said: str) -> list[tuple[str, str]]:
        tokens = parsed(everywhere(SAMPLES[name], said))
        return [(t.type, t.tag) for t in tokens if t.block]

    assert blocks(text) == blocks(benign(text))


@every_sample
@hostile
def test_markdown_leaves_no_address_or_mention_outside_code(name: str, text: str) -> None:
    said = [token.content for token in parsed(everywhere(SAMPLES[name], text)) if token.type == "text"]
    assert [line for line in said if re.search(r"@|://|www\.|mailto:|xmpp:|#\d|GH-\d", line)] == []


@hostile
def test_markdown_says_what_the_cluster_said(text: str) -> None:
    report = {**SAMPLES["faulty"], "sentence": text}
    heading = next(
        token for token in parsed(report) if token.type == "inline" and token.content.startswith("FAULTY")
    )
    assert (
        "".join(child.content for child in heading.children or [])
        == f"FAULTY: {harmless(text).strip()}".strip()
    )


@every_sample
def test_text_cannot_be_given_lines_of_its_own(name: str) -> None:
    forged = STRINGS["forged lines"]
    text = render(everywhere(SAMPLES[name], forged), "text")
    # Only a command may have several lines at the margin; marks say where it begins and ends.
    told = re.sub(r"--- 8< ---\n.*?\n +--- >8 ---", "", text, flags=re.DOTALL)
    assert set(told.split("\n")) & {line for line in forged.split("\n") if line} == set()


@hostile
def test_json_is_the_report_made_harmless(text: str) -> None:
    report = everywhere(SAMPLES["faulty"], text)
    assert json.loads(render(report, "json")) == harmless(report)
