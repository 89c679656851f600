"""What the runs of `make verify-aws` have shown, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runbook.recording import Recording, load
from tests.aws_account.running import Json, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether an assumption holds; None when these runs could not tell. `told` says what was seen."""

    holds: bool | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that was seen: three runs, and what was asked beside them.

    `refused` is the error code for a parameter that its pattern forbids, empty if it was taken. `swept`
    has, for each run, the start of the first sweep after its end. `left` names what CloudFormation and EC2
    still have after the runs.
    """

    normal: Run
    cancelled: Run
    stopped: Run
    content: Json
    account: str
    region: str
    refused: str
    swept: tuple[bool, bool, bool]
    stacks: tuple[str, ...]
    interfaces: tuple[str, ...]

    @property
    def recording(self) -> Recording:
        """Of the normal run. Raises KeyError and RecordingError."""
        return load(self.normal.files["recording.json.gz"], "recording.json.gz")

    @property
    def attached(self) -> bool:
        """Whether the normal run's function was attached to the VPC."""
        return self.normal.output("ValidateTarget", "SecurityGroupId") not in ("", "none")


def says(holds: bool | None, told: str) -> Outcome:
    """An outcome."""
    return Outcome(holds=holds, told=told)


def status(run: Run, step: str) -> str:
    """A step's status."""
    return str(run.steps.get(step, {}).get("StepStatus", "not reached"))


def listed(items: Iterable[str]) -> str:
    """The items, or that there are none."""
    return ", ".join(items) or "none"
