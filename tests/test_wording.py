"""Messages of other programs as parts of our sentences."""

from __future__ import annotations

from runbook.wording import clause


def test_a_clause_is_one_line_without_a_final_full_stop() -> None:
    said = "operation error EC2:\n\thttps response error StatusCode: 403.  \n"
    assert clause(said) == "operation error EC2: https response error StatusCode: 403"


def test_a_clause_keeps_full_stops_inside() -> None:
    assert clause("Failed. See eks.amazonaws.com.") == "Failed. See eks.amazonaws.com"


def test_a_clause_of_nothing_is_nothing() -> None:
    assert clause(" \n") == ""
