"""What goes in and out of `core.answer`, and the one function that reaches the API server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Required, TypedDict


class Request(TypedDict, total=False):
    """One question to the Kubernetes API.

    `query` holds what a caller may choose (never `continue`); its `limit` is a number of items, over all
    pages. `fields` are dotted paths, required for objects and lists. `lines` are exact metric names,
    required for /metrics. `cap` is the number of items (or of metric lines) after which an answer is cut.
    """

    path: Required[str]
    query: dict[str, str]
    fields: list[str]
    lines: list[str]
    metadataOnly: bool
    cap: int


class Answer(TypedDict):
    """What became of one request; `status` 0 means that no answer came or that it was never asked.

    `body` is the projected object, `{"items": […], "metadata": {…}}`, or text; None unless status is 200.
    `cut` is empty or says where the answer was cut. `http` counts HTTP calls, pages and retries included.
    """

    status: int
    body: Any
    message: str
    reason: str
    cut: str
    http: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP response; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportError(Exception):
    """No HTTP response came."""

    def __init__(self, kind: Literal["timeout", "unreachable", "certificate"], message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Transport(Protocol):
    """One GET. It knows host and token, encodes `query`, follows no redirect; `timeout` is in seconds."""

    def __call__(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], timeout: float
    ) -> Response: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A good answer's body, and where it was cut."""

    body: Any
    cut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no body."""

    status: int
    reason: str
    message: str
