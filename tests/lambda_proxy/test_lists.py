"""Lists over many pages against a server that really pages."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_proxy.core import Request, Response
from tests.lambda_proxy.given import PODS, Api, Call, found, refusal, response

EXPIRED = refusal(410, "Expired", "The provided continue parameter is too old")


def paging(total: int, *, selector: bool = False, cached: bool = False) -> Api:
    """A server with pods p0, p1, …: continues at a number; a cache ignores `limit`."""

    def serve(call: Call) -> Response:
        start = int(call.query.get("continue", "0"))
        end = total if cached else min(start + int(call.query["limit"]), total)
        metadata: dict[str, Any] = {"resourceVersion": "77", "selfLink": "x"}
        if end < total:
            metadata["continue"] = str(end)
            if not selector:
                metadata["remainingItemCount"] = total - end
        items = [{"metadata": {"name": f"p{n}", "uid": str(n)}, "spec": {}} for n in range(start, end)]
        return response({"metadata": metadata, "items": items})

    return Api(serve=serve)


def names(count: int) -> list[dict[str, Any]]:
    return [{"metadata": {"name": f"p{n}"}} for n in range(count)]


def ask(query: dict[str, str] | None = None, *, cap: int = 20_000) -> Request:
    return {"path": PODS, "fields": ["metadata.name"], "query": query or {}, "cap": cap}


@pytest.mark.parametrize(("total", "calls"), [(0, 1), (1, 1), (500, 1), (501, 2), (1234, 3)])
def test_all_pages_are_read(total: int, calls: int) -> None:
    api = paging(total)
    assert api.ask(ask()) == [
        found({"items": names(total), "metadata": {"resourceVersion": "77"}}, http=calls)
    ]
    assert [call.query.get("continue") for call in api.calls] == [None, "500", "1000"][:calls]


def test_the_selector_stays_and_the_resource_version_goes_when_a_page_is_continued() -> None:
    api = paging(600)
    api.ask(ask({"labelSelector": "app=web", "resourceVersion": "0"}))
    assert [call.query for call in api.calls] == [
        {"labelSelector": "app=web", "resourceVersion": "0", "limit": "500"},
        {"labelSelector": "app=web", "limit": "500", "continue": "500"},
    ]


def test_a_limit_stops_without_a_cut_and_counts() -> None:
    api = paging(20_000)
    assert api.ask(ask({"limit": "1"})) == [
        found({"items": names(1), "metadata": {"resourceVersion": "77", "remainingItemCount": 19_999}})
    ]
    assert [call.query for call in api.calls] == [{"limit": "1"}]


def test_a_limit_spans_pages() -> None:
    api = paging(2000)
    [told] = api.ask(ask({"limit": "700"}))
    assert told["body"]["metadata"] == {"resourceVersion": "77", "remainingItemCount": 1300}
    assert (len(told["body"]["items"]), told["cut"]) == (700, "")
    assert [call.query["limit"] for call in api.calls] == ["500", "200"]


def test_a_cache_that_ignores_the_limit_still_counts() -> None:
    assert paging(900, cached=True).ask(ask({"limit": "1", "resourceVersion": "0"})) == [
        found({"items": names(1), "metadata": {"resourceVersion": "77", "remainingItemCount": 899}})
    ]


def test_more_than_the_cap_is_cut() -> None:
    api = paging(5000)
    assert api.ask(ask(cap=600)) == [
        found(
            {"items": names(600), "metadata": {"resourceVersion": "77", "remainingItemCount": 4400}},
            cut="answer cut at 600 items",
            http=2,
        )
    ]


def test_exactly_the_cap_is_whole() -> None:
    [told] = paging(600).ask(ask(cap=600))
    assert (len(told["body"]["items"]), told["cut"]) == (600, "")


def test_a_cap_below_the_limit_is_a_cut() -> None:
    [told] = paging(5000).ask(ask({"limit": "800"}, cap=600))
    assert told["cut"] == "answer cut at 600 items"


def test_the_usual_cap_is_twenty_thousand() -> None:
    request: Request = {"path": PODS, "fields": ["metadata.name"]}
    [told] = paging(20_001, selector=True).ask(request)
    assert (told["cut"], told["http"], told["body"]["metadata"]) == (
        "answer cut at 20,000 items",
        40,
        {"resourceVersion": "77"},
    )


def page(*items: str, more: str = "") -> Response:
    return response(
        {"metadata": {"continue": more}, "items": [{"metadata": {"name": name}} for name in items]}
    )


def listed(*items: str) -> dict[str, Any]:
    return {"items": [{"metadata": {"name": name}} for name in items], "metadata": {}}


def test_an_expired_page_starts_the_list_again_once() -> None:
    api = Api(replies=[page("a", more="1"), EXPIRED, page("b", more="2"), page("c")])
    assert api.ask(ask()) == [found(listed("b", "c"), http=4)]
    assert [call.query.get("continue") for call in api.calls] == [None, "1", None, "2"]


def test_expired_twice_keeps_what_was_read() -> None:
    api = Api(replies=[page("a", more="1"), EXPIRED, page("b", more="2"), EXPIRED])
    cut = "answer cut at 1 items: The provided continue parameter is too old"
    assert api.ask(ask()) == [found(listed("b"), cut=cut, http=4)]


def test_a_later_page_that_fails_cuts() -> None:
    api = Api(replies=[page("a", "b", more="1"), *[response("overloaded", 503)] * 3])
    assert api.ask(ask()) == [found(listed("a", "b"), cut="answer cut at 2 items: overloaded", http=4)]


@pytest.mark.parametrize("status", [302, 401, 403])
def test_a_later_page_that_is_refused_is_a_refusal(status: int) -> None:
    [told] = Api(replies=[page("a", more="1"), response("", status)]).ask(ask())
    assert (told["status"], told["body"], told["http"]) == (status, None, 2)


def test_a_server_that_never_ends_is_left() -> None:
    [told] = Api(serve=lambda _: page("a", more="same")).ask(ask())
    assert (told["http"], told["cut"]) == (1000, "answer cut at 1,000 items")


def test_no_items_may_be_null() -> None:
    assert Api(replies=[response({"metadata": {}, "items": None})]).ask(ask()) == [found(listed())]
