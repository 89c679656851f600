"""The HTTP calls of one request: retries, pauses, the deadline, and the words for a failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from lambda_proxy.messages import Failure, Response, Transport, TransportError

TIMEOUT = 20.0
PAUSES = (0.3, 1.0)
LONGEST_PAUSE = 5.0
_REASONS = {"timeout": "Timeout", "unreachable": "Unreachable", "certificate": "Certificate"}
_TOO_LATE = Failure(status=0, reason="Timeout", message="no time was left to ask")


_PAGE = 300  # characters of a page that is no answer


class HttpCalls:
    """Asks, tries again where that can help, and counts in `made`. `deadline` is a time of `clock`."""

    def __init__(
        self,
        *,
        transport: Transport,
        deadline: float | None,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self.made = 0
        self._transport = transport
        self._deadline = deadline
        self._sleep = sleep
        self._clock = clock

    def get(self, path: str, query: Mapping[str, str], accept: str) -> Response | Failure:
        """The response with status 200, or why there is none; 429, 5xx and time-outs are tried again."""
        pauses = iter(PAUSES)
        while True:
            outcome, asked_to_wait = self._once(path, query, accept)
            pause = next(pauses, None)
            if isinstance(outcome, Response) or pause is None or not _passing(outcome):
                return outcome
            wait = pause if asked_to_wait is None else asked_to_wait
            if wait >= self._left():
                return outcome
            self._sleep(wait)

    def _once(
        self, path: str, query: Mapping[str, str], accept: str
    ) -> tuple[Response | Failure, float | None]:
        left = self._left()
        if left <= 0:
            return _TOO_LATE, None
        self.made += 1
        try:
            response = self._transport(path, query, {"accept": accept}, min(TIMEOUT, left))
        except TransportError as error:
            return Failure(status=0, reason=_REASONS[error.kind], message=error.message), None
        if response.status == HTTPStatus.OK:
            return response, None
        return _failure(response), _retry_after(response)

    def _left(self) -> float:
        return float("inf") if self._deadline is None else self._deadline - self._clock()


def read_json(response: Response) -> Any:
    """The body as JSON, or a Failure."""
    try:
        return json.loads(response.body)
    except ValueError:
        return Failure(status=0, reason="BadAnswer", message="the answer is not JSON")


def _passing(failure: Failure) -> bool:
    timed_out = failure.status == 0 and failure.reason == "Timeout"
    return timed_out or failure.status == HTTPStatus.TOO_MANY_REQUESTS or failure.status >= 500


def _retry_after(response: Response) -> float | None:
    """Seconds; a date instead of a number is not worth a parser, the usual pause serves."""
    value = response.headers.get("retry-after", "")
    return min(float(value), LONGEST_PAUSE) if value.isascii() and value.isdigit() else None


def _failure(response: Response) -> Failure:
    status = response.status
    if 300 <= status < 400:
        message = "the answer is a redirect, which is not followed"
        return Failure(status=status, reason="Redirect", message=message)
    match read_json(response):
        case {"message": str(message), "reason": str(reason)} if message and reason:
            return Failure(status=status, reason=reason, message=message)
        case {"message": str(message)} if message:
            return Failure(status=status, reason=_reason(status), message=message)
    # Not a Status: some other server's page, whose 404 says nothing about an object.
    text = response.body.decode(errors="replace").strip()
    return Failure(status=status, reason=f"HTTP{status}", message=text[:_PAGE] or f"HTTP {status}")


def _reason(status: int) -> str:
    known = {entry.value: entry.phrase.replace(" ", "") for entry in HTTPStatus}
    return known.get(status, f"HTTP{status}")
