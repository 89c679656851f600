"""Logs are bounded tails in whole lines."""

from __future__ import annotations

import pytest

from tests.lambda_proxy.given import POD, Api, found, response

KIB_256 = "262144"


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({}, {"tailLines": "200", "limitBytes": KIB_256}),
        ({"tailLines": "5", "limitBytes": "100"}, {"tailLines": "5", "limitBytes": "100"}),
        ({"tailLines": "1001", "limitBytes": "1048577"}, {"tailLines": "1000", "limitBytes": "1048576"}),
        (
            {"container": "app", "previous": "true"},
            {"container": "app", "previous": "true", "tailLines": "200", "limitBytes": KIB_256},
        ),
    ],
)
def test_every_log_is_asked_for_within_bounds(query: dict[str, str], asked: dict[str, str]) -> None:
    api = Api(replies=[response("line\n")])
    assert api.ask({"path": f"{POD}/log", "query": query}) == [found("line\n")]
    assert [call.query for call in api.calls] == [asked]


@pytest.mark.parametrize(
    ("body", "kept", "cut"),
    [
        (b"one\ntwo\n", "one\ntwo\n", ""),
        (b"one\ntwo\nth", "one\ntwo\n", "log cut at 10 bytes: its newest lines are missing"),
        (b"0123456789", "0123456789", "log cut at 10 bytes: its newest lines are missing"),
        (b"zero\none\ntwo\nten\n", "two\nten\n", "log cut at 10 bytes: its oldest lines are missing"),
        (b"zero\n23456789\n", "23456789\n", "log cut at 10 bytes: its oldest lines are missing"),
        (b"zero\n3456789ab\n", "3456789ab\n", "log cut at 10 bytes: its oldest lines are missing"),
        (b"zero\n0123456789ab", "23456789ab", "log cut at 10 bytes: its oldest lines are missing"),
        (b"\xff\n", "\ufffd\n", ""),
    ],
)
def test_a_log_that_is_too_long_keeps_whole_lines(body: bytes, kept: str, cut: str) -> None:
    [told] = Api(replies=[response(body)]).ask({"path": f"{POD}/log", "query": {"limitBytes": "10"}})
    assert told == found(kept, cut=cut)
