"""Reading a whole list: pages, an expired page token, and the cap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lambda_proxy.calls import HttpCalls, read_json
from lambda_proxy.messages import Failure, Found
from lambda_proxy.project import project

PAGE = 500
MOST_PAGES = 1000
_EXPIRED = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    items: list[Any]
    token: str
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pages:
    """Everything read, the last page, and what stopped the reading before its end."""

    items: list[Any]
    page: _Page
    trouble: str = ""


_BEFORE_THE_FIRST = _Page(items=[], token="", metadata={})


def read_list(
    calls: HttpCalls, path: str, query: Mapping[str, str], accept: str, *, fields: Sequence[str], cap: int
) -> Found | Failure:
    """`{"items", "metadata"}` over all pages; more than `cap` items, or a later page that fails, cut it."""
    limit = int(query.get("limit", cap + 1))
    want = min(cap, limit)
    read = _read_pages(partial(_read_page, calls, path, query, accept), fields, want)
    if isinstance(read, Failure):
        return read
    items = read.items[:want]
    whole = len(read.items) <= want and not read.page.token
    cut = "" if whole or len(items) >= limit else f"answer cut at {len(items):,} items{read.trouble}"
    metadata = _list_metadata(read.page, dropped=len(read.items) - want)
    return Found(body={"items": items, "metadata": metadata}, cut=cut)


def _read_pages(ask: Callable[..., _Page | Failure], fields: Sequence[str], want: int) -> _Pages | Failure:
    items: list[Any] = []
    page, restarted = _BEFORE_THE_FIRST, False
    for _ in range(MOST_PAGES):
        answered = ask(size=min(PAGE, want - len(items)), token=page.token)
        if isinstance(answered, _Page):
            page = answered
            items += [project(item, fields) for item in page.items]
            if not page.token or len(items) >= want:
                break
        elif answered.status == _EXPIRED and page.token and not restarted:
            items, page, restarted = [], _BEFORE_THE_FIRST, True
        elif not items or 300 <= answered.status < _EXPIRED:
            return answered
        else:
            return _Pages(items=items, page=page, trouble=f": {answered.message[:300]}")
    return _Pages(items=items, page=page)


def _read_page(
    calls: HttpCalls, path: str, query: Mapping[str, str], accept: str, *, size: int, token: str
) -> _Page | Failure:
    asked = {**query, "limit": str(size)}
    if token:
        # The API server refuses a resourceVersion beside a page token: the token carries its own.
        asked.pop("resourceVersion", None)
        asked["continue"] = token
    response = calls.get(path, asked, accept)
    if isinstance(response, Failure):
        return response
    match read_json(response):
        case Failure() as failure:
            return failure
        case {"metadata": dict(metadata), "items": list() | None as items}:
            return _Page(items=items or [], token=metadata.get("continue") or "", metadata=metadata)
    return Failure(status=0, reason="BadAnswer", message="the answer is not a list")


def _list_metadata(page: _Page, *, dropped: int) -> dict[str, Any]:
    """What callers may read; a cached list ignores `limit`, so items dropped here count as remaining."""
    known = ("resourceVersion", "remainingItemCount")
    kept: dict[str, Any] = {key: page.metadata[key] for key in known if key in page.metadata}
    if dropped > 0 and ("remainingItemCount" in kept or not page.token):
        kept["remainingItemCount"] = kept.get("remainingItemCount", 0) + dropped
    return kept
