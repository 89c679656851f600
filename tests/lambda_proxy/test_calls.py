"""Trying again: what, how often, after which pauses, and never past the deadline."""

from __future__ import annotations

import pytest

from lambda_proxy.core import Request, Response, TransportError
from tests.lambda_proxy.given import POD, PODS, Api, failed, found, refusal, response

POD_NAME: Request = {"path": POD, "fields": ["metadata.name"]}
GOOD = response({"metadata": {"name": "web-0"}})
BODY = {"metadata": {"name": "web-0"}}
SLOW = TransportError("timeout", "read timed out")
BUSY = refusal(429, "TooManyRequests", "later")


@pytest.mark.parametrize("trouble", [SLOW, BUSY, response("", 500), response("", 503), response("", 504)])
def test_what_may_pass_is_asked_three_times_in_all(trouble: Response | TransportError) -> None:
    api = Api(replies=[trouble, trouble, GOOD])
    assert api.ask(POD_NAME) == [found(BODY, http=3)]
    assert api.pauses == [0.3, 1.0]


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (SLOW, failed(0, "Timeout", "read timed out", 3)),
        (BUSY, failed(429, "TooManyRequests", "later", 3)),
        (response("[-]etcd failed", 500), failed(500, "HTTP500", "[-]etcd failed", 3)),
    ],
)
def test_what_does_not_pass_is_told_in_the_end(trouble: Response | TransportError, expected: object) -> None:
    assert Api(replies=[trouble] * 3).ask(POD_NAME) == [expected]


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 410, 422])
def test_what_stays_is_asked_once(status: int) -> None:
    api = Api(replies=[response("", status)])
    [told] = api.ask(POD_NAME)
    assert (told["status"], told["http"], api.pauses) == (status, 1, [])


@pytest.mark.parametrize(
    ("header", "pause"),
    [("2", 2.0), ("0", 0.0), ("60", 5.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.3), ("-1", 0.3)],
)
def test_retry_after_is_honoured_up_to_five_seconds(header: str, pause: float) -> None:
    api = Api(replies=[refusal(429, "TooManyRequests", "later", retry_after=header), GOOD])
    assert api.ask(POD_NAME) == [found(BODY, http=2)]
    assert api.pauses == [pause]


def test_a_call_gets_no_more_time_than_is_left() -> None:
    api = Api(replies=[GOOD])
    api.ask(POD_NAME, deadline=api.now + 7)
    assert [call.timeout for call in api.calls] == [7.0]


def test_after_the_deadline_nothing_is_asked() -> None:
    api = Api()
    assert api.ask(POD_NAME, deadline=api.now) == [failed(0, "Timeout", "no time was left to ask", 0)]


def test_no_pause_reaches_the_deadline() -> None:
    api = Api(replies=[BUSY, BUSY])
    assert api.ask(POD_NAME, deadline=api.now + 1.3) == [failed(429, "TooManyRequests", "later", 2)]
    assert api.pauses == [0.3]


def test_a_deadline_amid_a_list_keeps_what_was_read() -> None:
    page = response({"metadata": {"continue": "t"}, "items": [{"metadata": {"name": "a"}}]})
    api = Api(replies=[page, page, page], seconds_per_call=4)
    [told] = api.ask({"path": PODS, "fields": ["metadata"]}, deadline=api.now + 8)
    assert told == found(
        {"items": [{"metadata": {"name": "a"}}] * 2, "metadata": {}},
        cut="answer cut at 2 items: no time was left to ask",
        http=2,
    )
