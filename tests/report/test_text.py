"""The plain text: nothing beyond the width but what must stay whole, columns, colour."""

from __future__ import annotations

import re

import pytest

from runbook.report import render, words
from runbook.report.layout import display_width, pad, spread, wrap
from tests.report.given import link, resource
from tests.report.samples import SAMPLES

SGR = re.compile("\x1b\\[[0-9;]*m")


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("name", SAMPLES)
def test_only_what_must_stay_whole_is_wider_than_asked(name: str, width: int) -> None:
    commands = {fix["command"] for finding in SAMPLES[name]["findings"] for fix in finding["fix"]}
    commands |= {step["command"] for step in SAMPLES[name]["look_next"]}
    for line in render(SAMPLES[name], "text", width=width).split("\n"):
        whole = line.strip() in commands or line.startswith("Replay:")
        # A word that fits on no line of its own column: an ARN, a policy, an address.
        long_word = len(line.split()[-1]) > width / 3 if line else False
        assert display_width(line) <= width or whole or long_word


@pytest.mark.parametrize("width", [40, 80, 100])
@pytest.mark.parametrize("name", SAMPLES)
def test_commands_are_whole(name: str, width: int) -> None:
    text = render(SAMPLES[name], "text", width=width)
    causes = {cause["finding"] for cause in SAMPLES[name]["causes"]}
    for finding in SAMPLES[name]["findings"]:
        if finding["id"] in causes:
            for fix in finding["fix"]:
                assert f"{fix['command']}\n" in text


@pytest.mark.parametrize("name", SAMPLES)
def test_colour_changes_nothing_but_colour(name: str) -> None:
    coloured = render(SAMPLES[name], "text", color=True)
    assert SGR.search(coloured)
    assert SGR.sub("", coloured) == render(SAMPLES[name], "text")


def test_plain_text_has_no_colour() -> None:
    assert "\x1b" not in render(SAMPLES["faulty"], "text")


def test_one_long_name_does_not_push_the_others_aside() -> None:
    name = "n" * 70
    chain = [
        link(resource("Pod", "orders-0", "shop"), 0, "broken", "Pending"),
        link(resource("K" * 50, name), 1, "broken", "says something"),
        link(resource("PersistentVolumeClaim", "data", "shop"), 2, "ok", "ok"),
    ]
    told = render({**SAMPLES["faulty"], "chain": chain}, "text").split("WHY\n")[1].split("\n\n")[0]
    assert told == (
        "  ✗ pod    shop/orders-0  Pending\n"
        f"  ✗ {words.kind_label('K' * 50)}  {name}\n"
        "                          says something\n"
        "  ✓ claim  shop/data      ok"
    )


@pytest.mark.parametrize(
    ("text", "width"),
    [("orders", 6), ("東京", 4), ("e\u0301", 1), ("\x1b[1;31mred\x1b[0m", 3), ("✗", 1), ("", 0)],
)
def test_width_is_what_a_terminal_shows(text: str, width: int) -> None:
    assert display_width(text) == width


def test_a_line_is_broken_at_spaces_only() -> None:
    assert wrap("see arn:aws:iam::111122223333:role/r now", 12, "- ") == (
        "- see\n  arn:aws:iam::111122223333:role/r\n  now"
    )


def test_wide_characters_count_twice_when_wrapping() -> None:
    assert wrap("東京 東京 東京", 9) == "東京 東京\n東京"


def test_lines_and_their_indentation_are_kept() -> None:
    assert wrap("a:\n  b: c", 20, "| ", "| ") == "| a:\n|   b: c"


def test_columns_are_padded_by_display_width() -> None:
    assert pad("東京", 6) + "|" == "東京  |"
    assert pad("longer", 3) == "longer"


def test_both_ends_of_a_line_go_on_two_lines_where_they_do_not_fit() -> None:
    assert spread("left", "right", 12) == "left   right"
    assert spread("left", "right", 10) == "left\nright"
