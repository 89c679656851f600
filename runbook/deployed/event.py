"""What a scripted step is given: its input payload, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runbook.deployment import run_prefix
from runbook.documents import Document, documents
from runbook.model import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One step of one execution. `number` is the step's place in the document, `seconds` its time limit."""

    document: Document
    deployment: Deployment
    parameters: dict[str, str]
    step: str
    number: int
    seconds: int

    @property
    def prefix(self) -> str:
        """Where in the bucket the run keeps everything; ends with a slash."""
        return run_prefix(self.document.name, self.deployment.execution)

    @property
    def part(self) -> str:
        """The name of this step's part of the recording."""
        return f"parts/{self.number:02}-{self.step}.json.gz"


def read_event(payload: dict[str, Any]) -> Event:
    """Read the InputPayload of a scripted step (runbook/documents/runbook.yaml.j2)."""
    run = payload["run"]
    return Event(
        document=next(d for d in documents() if d.name == run["document"]),
        deployment=Deployment(
            document=run["document"],
            execution=run["execution"],
            region=run["region"],
            account=run["account"],
            partition=run["partition"],
            automation_role=run["automationRole"],
            cloudformation_role=run["cloudFormationRole"],
            function_role=run["functionRole"],
            bucket=run["bucket"],
        ),
        parameters=dict(run["parameters"]),
        step=payload["step"],
        number=int(payload["number"]),
        seconds=int(payload["seconds"]),
    )
