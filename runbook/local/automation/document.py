"""An Automation document (schema 0.3) as its interpreter sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

Json = dict[str, Any]

JUMP = "step:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a step keeps of its answer: a JSONPath, and the type that its value must have."""

    name: str
    selector: str
    type: str = "String"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. `following` is the step below it in the document; `timeout` is in seconds."""

    name: str
    action: str
    inputs: Json
    outputs: tuple[Output, ...] = ()
    timeout: float | None = None
    max_attempts: int = 1
    on_failure: str = "Abort"
    on_cancel: str = "Abort"
    is_critical: bool = True
    is_end: bool = False
    next_step: str | None = None
    following: str | None = None

    @property
    def after(self) -> str | None:
        """The step that comes after a success, unless a branch chooses another."""
        return None if self.is_end else self.next_step or self.following

    def targets(self) -> Iterator[tuple[str, str]]:
        """Every step that this one can lead to, and by which key."""
        if self.next_step:
            yield "nextStep", self.next_step
        for key, way in (("onFailure", self.on_failure), ("onCancel", self.on_cancel)):
            if way.startswith(JUMP):
                yield key, way.removeprefix(JUMP)
        if self.action == "aws:branch":
            for choice in self.inputs.get("Choices", []):
                yield "Choices", choice["NextStep"]
            if "Default" in self.inputs:
                yield "Default", self.inputs["Default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document: its content as written, and its steps in order."""

    content: Json
    steps: dict[str, Step]

    @property
    def first(self) -> str:
        return next(iter(self.steps))

    @property
    def parameters(self) -> dict[str, Json]:
        found: dict[str, Json] = self.content.get("parameters") or {}
        return found

    @property
    def variables(self) -> dict[str, Json]:
        found: dict[str, Json] = self.content.get("variables") or {}
        return found


def content_of(text: str, document_format: str) -> Json:
    """Read a document's text. Raises ValueError where it is not a JSON or YAML object."""
    try:
        content = json.loads(text) if document_format == "JSON" else yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(content, dict):
        raise ValueError("it is not an object")  # noqa: TRY004  # bad text, not a bad argument
    return content


def document_of(content: Json) -> Document:
    """The steps of a document that was found valid."""
    listed = content["mainSteps"]
    below = [raw["name"] for raw in listed[1:]] + [None]
    return Document(
        content=content,
        steps={raw["name"]: step_of(raw, following) for raw, following in zip(listed, below, strict=True)},
    )


def step_of(raw: Json, following: str | None = None) -> Step:
    """One step, with SSM's defaults."""
    on_failure = raw.get("onFailure", "Abort")
    return Step(
        name=raw["name"],
        action=raw["action"],
        inputs=raw.get("inputs") or {},
        outputs=tuple(
            Output(name=o["Name"], selector=o["Selector"], type=o.get("Type", "String"))
            for o in raw.get("outputs", [])
        ),
        timeout=float(raw["timeoutSeconds"]) if "timeoutSeconds" in raw else None,
        max_attempts=int(raw.get("maxAttempts", 1)),
        on_failure=on_failure,
        on_cancel=raw.get("onCancel", "Abort"),
        is_critical=_truth(raw.get("isCritical", on_failure != "Continue")),
        is_end=_truth(raw.get("isEnd", False)),
        next_step=raw.get("nextStep"),
        following=following,
    )


def _truth(value: object) -> bool:
    return value is True or str(value).lower() == "true"
