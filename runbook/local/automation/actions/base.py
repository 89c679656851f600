"""What an action is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from runbook.local.automation.document import Json, Step
from runbook.local.automation.pulse import Pulse
from runbook.local.automation.sandbox import Sandbox

# The stages of a failure, in SSM's words, as they stand in its messages.
EXECUTE = "Execute/Cancelling action"
POLL = "Poll action status for completion"
INPUTS = "validating and resolving the step inputs"


class ActionFailed(Exception):
    """The action did not succeed. `stage` is one of SSM's, above; `log` is what a script wrote."""

    def __init__(self, message: str, *, stage: str = EXECUTE, log: str = "") -> None:
        super().__init__(message)
        self.stage = stage
        self.log = log


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an action gives: a payload for the selectors, outputs of its own, and where to go on.

    `jump` is the next step that a branch chose. `log` is what a script wrote.
    """

    payload: Any = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    jump: str | None = None
    log: str = ""


class Environment(Protocol):
    """What an action may use of its execution."""

    @property
    def region(self) -> str: ...
    @property
    def endpoint_url(self) -> str: ...
    @property
    def sandbox(self) -> Sandbox: ...

    def client(self, service: str) -> Any:
        """A boto3 client that acts as the document's role, or else as the caller."""

    def role_keys(self) -> dict[str, str] | None:
        """Credentials of the document's role; None where it has none."""

    def attachment(self, name: str) -> bytes:
        """A file attached to the document's version."""

    def set_variable(self, name: str, value: Any) -> None:
        """Change a variable of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One attempt at a step: its inputs with all references filled in, and its time."""

    step: Step
    inputs: Json
    pulse: Pulse
    environment: Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action; `limit` is the most seconds that SSM allows, `default` what it assumes if none are given."""

    run: Callable[[Work], Answer]
    required: tuple[str, ...] = ()
    limit: float | None = None
    default: float | None = None

    def seconds(self, step: Step) -> float | None:
        """The time that an attempt at a step has."""
        wanted = self.default if step.timeout is None else step.timeout
        given = [seconds for seconds in (wanted, self.limit) if seconds is not None]
        return min(given) if given else None
