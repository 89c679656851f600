"""The words the whole project shares: resources, problems, findings, and what could not be known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

Severity = Literal["critical", "high", "medium", "low", "info"]
ProblemKind = Literal["cause", "symptom", "advisory", "obstacle"]
Status = Literal["FAIL", "PASS", "UNKNOWN", "SKIPPED", "ERROR"]

Item = TypeVar("Item")

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")


#: The reason for a question that a recording does not hold.
NOT_RECORDED = "not recorded"


class Unavailable(Exception):
    """A fact could not be learned: refused, timed out, not recorded, cut.

    It is a value as well as an exception: a parameter annotated `X | Unavailable` receives it.
    """

    def __init__(self, reason: str, *, call: str = "", grant: str = "") -> None:
        """`call` is the declared call that was refused, `grant` what would allow it."""
        super().__init__(reason)
        self.reason = reason
        self.call = call
        self.grant = grant


class UsageError(Exception):
    """What the user gave cannot be used; the message is one sentence."""


class NotApplicable(Exception):
    """The question does not arise in this cluster; the message says why, as a clause."""


@dataclass(frozen=True, slots=True)
class Seen(Generic[Item]):
    """Several things of a kind, and the gaps between them.

    A check judges the items; the engine adds UNKNOWN for it while there are gaps.
    """

    items: tuple[Item, ...] = ()
    gaps: tuple[Unavailable, ...] = ()

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A thing in the cluster or the account, present or only referred to.

    Kind, namespace and name identify it; the rest describes it.
    """

    kind: str
    name: str
    namespace: str = ""
    uid: str = field(default="", compare=False)
    arn: str = field(default="", compare=False)
    exists: bool = field(default=True, compare=False)

    @property
    def path(self) -> str:
        """`shop/orders-0` or `gp3`: how a person refers to it."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it, for sorting."""
        return (self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One step of a remedy.

    `verifies` marks a command that shows success; `destructive` one that removes or replaces something.
    """

    text: str
    command: str = ""
    verifies: bool = False
    destructive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A quotation from the evidence: which call gave it, the words, and when they were written."""

    call: str
    excerpt: str
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a check saw.

    `summary` is a clause that reads well after "because" ("IAM role r accepts only …"), without a
    full stop; `brief` the same in a few words, for the chain, where the resource stands beside it.
    `facts` are further lines, in full.
    """

    resource: Resource
    summary: str
    brief: str = ""
    facts: tuple[str, ...] = ()
    fix: tuple[Fix, ...] = ()
    evidence: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the engine made of a check: one per problem, else one per check."""

    id: str
    check: str
    status: Status
    summary: str
    problem: Problem | None = None
    grant: str = ""
    calls: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether a problem was seen."""
        return self.status == "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What a deployed run works with: its document, execution and place, its roles (ARNs) and its bucket."""

    document: str
    execution: str
    region: str
    account: str
    partition: str
    automation_role: str
    cloudformation_role: str
    function_role: str
    bucket: str


Parameters = Mapping[str, str]
