"""Answers of the API server, and its refusals in its own words.

Source: k8s.io/apimachinery/pkg/api/errors/errors.go and k8s.io/apiserver/pkg/endpoints/handlers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, whole."""

    code: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An answer that is not what was asked for."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code, answer.body)
        self.answer = answer


class OwnRefusal(Refusal):
    """What only the embedded API refuses; a real server might have answered."""


def json_answer(document: object) -> Answer:
    """The document as the API server encodes it: on one line."""
    return Answer(body=json.dumps(document, separators=(",", ":")).encode() + b"\n")


def text_answer(text: str, *, code: int = 200, content_type: str = "text/plain; charset=utf-8") -> Answer:
    """Plain text."""
    return Answer(code=code, content_type=content_type, body=text.encode())


def status(code: int, reason: str, message: str, details: Mapping[str, object] | None = None) -> Answer:
    """A `Status` object; empty details are left out, as Go's omitempty does."""
    document: Manifest = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
    }
    if details is not None:
        document["details"] = {name: value for name, value in details.items() if value}
    document["code"] = code
    return Answer(code=code, body=json_answer(document).body)


def unauthorized() -> Refusal:
    return Refusal(status(401, "Unauthorized", "Unauthorized"))


def bad_request(message: str) -> Refusal:
    return Refusal(status(400, "BadRequest", message))


def not_acceptable(message: str) -> Refusal:
    return Refusal(status(406, "NotAcceptable", message))


def not_found(plural: str, group: str, name: str) -> Refusal:
    """The resource is known, the object is not there."""
    qualified = f"{plural}.{group}" if group else plural
    message = f'{qualified} "{name}" not found'
    return Refusal(status(404, "NotFound", message, {"name": name, "group": group, "kind": plural}))


def no_such_resource() -> Refusal:
    """The group is known, the path below it is not."""
    return Refusal(status(404, "NotFound", "the server could not find the requested resource", {}))


def no_such_path() -> Refusal:
    """Outside the known groups the API server answers plain text, not a Status."""
    return Refusal(text_answer("404 page not found\n", code=404))


def invalid_option(kind: str, name: str, option: str, value: int, why: str) -> Refusal:
    """A query value that could be read but is out of range."""
    cause = {"reason": "FieldValueInvalid", "message": f"Invalid value: {value}: {why}", "field": option}
    message = f'{kind} "{name}" is invalid: {option}: Invalid value: {value}: {why}'
    return Refusal(status(422, "Invalid", message, {"name": name, "kind": kind, "causes": [cause]}))


def own_refusal(message: str, code: int = 400) -> OwnRefusal:
    """A refusal that says whose it is."""
    reason = "MethodNotAllowed" if code == 405 else "BadRequest"
    return OwnRefusal(status(code, reason, f"the embedded API {message}"))
