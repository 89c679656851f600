"""Faults that a test can put on paths."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from http import HTTPStatus
from typing import Literal

from runbook.local.kubernetes.answers import Answer, status, text_answer

TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter."
)
# Where reason and message differ from HTTP's own phrase.
STATUS = {
    410: ("Expired", TOO_OLD),
    500: ("InternalError", "Internal error occurred: etcdserver: request timed out"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: ("Timeout", "Timeout: request did not complete within the allotted timeout"),
}


@dataclass(slots=True)
class Fault:
    """What to answer instead: a status code, silence ("timeout") or a closed connection ("close").

    `times` counts down to 0, None means always; `message` replaces a Status' usual one, `body` the whole
    answer by plain text; `location` is where a redirect (3xx) points.
    """

    kind: int | Literal["timeout", "close"]
    _: KW_ONLY
    times: int | None = None
    message: str = ""
    body: str | None = None
    location: str = "https://redirected.invalid/"

    def answer(self, code: int) -> Answer:
        """The answer with this status code."""
        if self.body is not None:
            return text_answer(self.body, code=code)
        if 300 <= code < 400:
            return Answer(code=code, content_type="text/plain", headers={"Location": self.location})
        if code == 429:  # no Status object there either
            text = self.message or "Too many requests, please try again later."
            return Answer(
                code=429,
                content_type="text/plain; charset=utf-8",
                body=f"{text}\n".encode(),
                headers={"Retry-After": "1"},
            )
        phrase = HTTPStatus(code).phrase
        reason, message = STATUS.get(code, (phrase.replace(" ", ""), phrase))
        return status(code, reason, self.message or message)
