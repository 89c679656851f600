"""The runbooks: one declaration each, from which documents, command line and report follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Names and ARNs as AWS writes them; parameters of documents and settings of a deployment are held to these.
CLUSTER_NAME = r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}"
BUCKET_NAME = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
ROLE_ARN = r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+"
#: Of a parameter that may be left empty.
ROLE_PATTERN = rf"^({ROLE_ARN})?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the SSM document. `default` None means that it must be given."""

    name: str
    description: str
    type: str = "String"
    pattern: str = ""
    default: str | None = None
    deployment_only: bool = False
    """Meaningless without a deployment: accepted and ignored when the checks run on this machine."""
    allowed: str = ""
    """What the pattern allows, as the end of a sentence: "must be …"."""

    def accepts(self, value: str) -> bool:
        """Whether SSM would take the value."""
        return not self.pattern or re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A checking step of the document and the topic that it judges."""

    name: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One runbook.

    `graph` and `asked` name the evidence that hold the chain and what the verdict is about; `proof`
    names the checks that, passing, are the sight of it working. `logs` names the evidence whose log
    tails are kept readable beside the report, after the step `logs_after`.
    """

    name: str
    family: str
    question: str
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    graph: str
    asked: str
    proof: tuple[str, ...]
    logs: tuple[str, ...]
    logs_after: str

    def parameter(self, name: str) -> Parameter | None:
        """A parameter by its name."""
        return next((p for p in self.parameters if p.name == name), None)


def documents() -> tuple[Document, ...]:
    """All runbooks that are built."""
    from runbook.documents.ebs import EBS

    return (EBS,)
