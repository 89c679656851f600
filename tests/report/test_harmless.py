from __future__ import annotations

import pytest

from runbook.report.harmless import harmless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("bell\x07 delete\x7f null\x00", r"bell\x07 delete\x7f null\x00"),
        ("\u202egnp.exe\u202c", r"\u202egnp.exe\u202c"),
        ("\u2066a\u2069\u200e\u200f\u061c", r"\u2066a\u2069\u200e\u200f\u061c"),
        ("zero\u200bwidth\ufeff\u00ad", r"zero\u200bwidth\ufeff\xad"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("a\rb", r"a\x0db"),
        ("größe 東京 ✓ العربية", "größe 東京 ✓ العربية"),
    ],
)
def test_a_character_that_hides_or_reorders_becomes_its_number(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_quotations_commands_and_facts_keep_their_lines() -> None:
    report = {"excerpt": "a\r\n\tb\x1b", "command": "a\nb", "facts": ["a\nb"], "summary": "a\nb"}
    assert harmless(report) == {
        "excerpt": "a\n\tb\\x1b",
        "command": "a\nb",
        "facts": ["a\nb"],
        "summary": "a b",
    }


def test_names_in_a_dict_are_made_harmless_and_other_values_kept() -> None:
    assert harmless({"a\x1b\n": [1, True, None, 1.5]}) == {"a\\x1b ": [1, True, None, 1.5]}


def test_the_report_itself_is_left_alone() -> None:
    report = {"facts": ["\x1b"]}
    harmless(report)
    assert report == {"facts": ["\x1b"]}
