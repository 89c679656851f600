"""A document as a graph: its steps, and where each leads when it succeeds, fails or is cancelled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Outcome = Literal["success", "failure", "cancel"]

#: Where an edge leads that ends the execution.
END = ""
#: `{{ name }}` in a string, which SSM replaces.
REFERENCE = re.compile(r"\{\{\s*(.*?)\s*\}\}")
#: `${Name}` in a string, which the deployment replaces.
PLACEHOLDER = re.compile(r"\$\{\w+\}")
#: As long as what stands there in the end may be: the ARN of a role with a path.
_RESOLVED = "x" * 120

_VERBS: Mapping[Outcome, str] = {"success": "succeeds", "failure": "fails", "cancel": "is cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What SSM knows of an action: the outputs that it has by itself, and the longest time limit in seconds.

    Where AWS sets no limit, it is the hour that the action has when a step sets none.
    """

    longest: int = 3600
    outputs: frozenset[str] = frozenset()
    after_cancel: bool = True
    """Whether `onCancel` may lead to it."""


#: The actions that our documents use. Limits: https://docs.aws.amazon.com/general/latest/gr/ssm.html;
#: cancel: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
ACTIONS: Mapping[str, Action] = {
    "aws:branch": Action(),
    "aws:createStack": Action(
        outputs=frozenset({"StackId", "StackStatus", "StackStatusReason"}), after_cancel=False
    ),
    "aws:deleteStack": Action(),
    "aws:executeAwsApi": Action(longest=25),
    "aws:executeScript": Action(longest=600),
    "aws:assertAwsResourceProperty": Action(longest=25),
    "aws:waitForAwsResourceProperty": Action(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step; `fields` is all of it, as written."""

    name: str
    action: str
    fields: Json

    @property
    def inputs(self) -> Json:
        return dict(self.fields.get("inputs", {}))

    @property
    def outputs(self) -> list[Json]:
        return list(self.fields.get("outputs", []))

    @property
    def seconds(self) -> int:
        """The longest that it may take, as far as it says so: SSM applies the limit to every attempt."""
        limit = self.fields.get("timeoutSeconds")
        return limit * int(self.fields.get("maxAttempts", 1)) if isinstance(limit, int) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way on from a step. A time-out is a failure."""

    source: str
    outcome: Outcome
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document's steps by name in their order, and the edges between them."""

    content: Json
    steps: Mapping[str, Step]
    edges: tuple[Edge, ...]
    repeated: tuple[str, ...]
    """Names that more than one step has."""

    @property
    def first(self) -> str:
        return next(iter(self.steps))

    def after(self, name: str, *outcomes: Outcome) -> list[Edge]:
        """The edges that leave a step; with outcomes, those alone."""
        return [edge for edge in self.edges if edge.source == name and edge.outcome in (outcomes or _VERBS)]

    def way(self, start: str, goal: str, *, avoiding: Collection[Edge] = ()) -> list[Edge] | None:
        """A shortest way from one step to another or to END; None where there is none."""
        ways: dict[str, list[Edge]] = {start: []}
        for here in (queue := [start]):
            for edge in self.after(here):
                if edge.target not in ways and edge not in avoiding:
                    ways[edge.target] = [*ways[here], edge]
                    queue.append(edge.target)
        return ways.get(goal)


def parse(content: Json) -> Document:
    """Read a document's content; a target that does not exist becomes an edge all the same."""
    steps = [
        Step(name=one.get("name", f"#{number}"), action=one.get("action", ""), fields=one)
        for number, one in enumerate(content["mainSteps"], start=1)
    ]
    following = [step.name for step in steps[1:]] + [END]
    return Document(
        content=content,
        steps={step.name: step for step in steps},
        edges=tuple(
            edge for step, after in zip(steps, following, strict=True) for edge in _edges(step, after)
        ),
        repeated=tuple(name for name, times in Counter(step.name for step in steps).items() if times > 1),
    )


def told(way: list[Edge]) -> str:
    """A way as words: "A succeeds, B fails"."""
    return ", ".join(f"{edge.source} {_VERBS[edge.outcome]}" for edge in way)


def resolved(text: str) -> str:
    """A text as a deployment may make it."""
    return PLACEHOLDER.sub(_RESOLVED, text)


def strings(value: Any) -> Iterator[str]:
    """Every string in a value, however deep; keys are not references."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from strings(inner)
        case list():
            for inner in value:
                yield from strings(inner)


def _edges(step: Step, following: str) -> Iterator[Edge]:
    targets = _successors(step, following)
    for target in targets:
        yield Edge(source=step.name, outcome="success", target=target)
    for target in _handlers(step, "onFailure", targets):
        yield Edge(source=step.name, outcome="failure", target=target)
    for target in _handlers(step, "onCancel", ()):
        yield Edge(source=step.name, outcome="cancel", target=target)


def _successors(step: Step, following: str) -> tuple[str, ...]:
    following = END if step.fields.get("isEnd") else str(step.fields.get("nextStep", following))
    if step.action != "aws:branch":
        return (following,)
    choices = [str(choice.get("NextStep")) for choice in step.inputs.get("Choices", [])]
    return tuple(dict.fromkeys([*choices, str(step.inputs.get("Default", following))]))


def _handlers(step: Step, field: str, continued: tuple[str, ...]) -> tuple[str, ...]:
    """Where `onFailure` or `onCancel` lead. `isEnd` ends the execution even when the step fails."""
    handler = str(step.fields.get(field, "Abort"))
    if step.fields.get("isEnd") and field == "onFailure":
        return (END,)
    if handler == "Continue":
        return continued
    return (handler.removeprefix("step:"),) if handler.startswith("step:") else (END,)
