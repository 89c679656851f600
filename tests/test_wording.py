"""Messages of other programs as parts of our sentences, and names that were meant."""

from __future__ import annotations

import pytest

from runbook.wording import clause, did_you_mean, said_by


def test_a_clause_is_one_line_without_a_final_full_stop() -> None:
    said = "operation error EC2:\n\thttps response error StatusCode: 403.  \n"
    assert clause(said) == "operation error EC2: https response error StatusCode: 403"


def test_a_clause_keeps_full_stops_inside() -> None:
    assert clause("Failed. See eks.amazonaws.com.") == "Failed. See eks.amazonaws.com"


def test_a_clause_of_nothing_is_nothing() -> None:
    assert clause(" \n") == ""


def test_of_an_error_the_first_line_is_said_without_secrets() -> None:
    assert said_by(ValueError("refused: Bearer abcdefghijklmnop123456\nTraceback")) == (
        "refused: Bearer [redacted:bearer]"
    )


@pytest.mark.parametrize(("name", "hint"), [("shpo", "; did you mean shop?"), ("warehouse", "")])
def test_the_nearest_name_is_hinted_at(name: str, hint: str) -> None:
    assert did_you_mean(name, ["shop", "billing"]) == hint
