"""A stack, what it has made, and what happened to it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from runbook.local.aws.cloudformation.clients import Clients
from runbook.local.aws.cloudformation.parameters import Parameter
from runbook.local.aws.cloudformation.scope import Made
from runbook.local.aws.cloudformation.template import Template
from runbook.local.aws.moto_wire import Json


def now() -> dt.datetime:
    """Stacks live in the time of those who wait for them, not in the account's stopped one."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What a stack shall be: what a request to create or update it says, judged and completed."""

    template: Template
    parameters: Mapping[str, Parameter]
    tags: Mapping[str, str]
    capabilities: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        return {name: one.value for name, one in self.parameters.items()}


@dataclass(slots=True, kw_only=True)
class Resource:
    """`id` is empty until the resource was made; `properties` are those that it was made or set with."""

    logical: str
    type: str
    deletion: str = "Delete"
    id: str = ""
    status: str = ""
    reason: str = ""
    changed: dt.datetime = field(default_factory=now)
    properties: Json = field(default_factory=dict)
    attributes: Json = field(default_factory=dict)

    @property
    def made(self) -> Made:
        return Made(id=self.id, attributes=self.attributes)


@dataclass(slots=True, kw_only=True)
class Stack:
    """One stack. `turn` counts the operations on it: a thread whose turn is over stops at the next resource.

    `clients` call as whoever the stack acts as. `minutes` and `on_failure` belong to the creation.
    """

    id: str
    name: str
    clients: Clients
    desired: Desired
    role: str = ""
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    created: dt.datetime = field(default_factory=now)
    updated: dt.datetime | None = None
    deleted: dt.datetime | None = None
    token: str = ""
    on_failure: str = "ROLLBACK"
    minutes: int = 0
    protected: bool = False
    notified: tuple[str, ...] = ()
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    turn: int = 0
    names_given: int = 0
    thread: Thread | None = None

    def turn_to(self, status: str, reason: str = "") -> None:
        """The stack's own status, and the event that tells it."""
        self.status, self.reason = status, reason
        self._event(
            logical=self.name, kind="AWS::CloudFormation::Stack", physical=self.id, status=status, why=reason
        )

    def tell(self, resource: Resource, status: str, reason: str = "") -> None:
        """A resource's status, and the event that tells it."""
        resource.status, resource.reason, resource.changed = status, reason, now()
        self._event(
            logical=resource.logical,
            kind=resource.type,
            physical=resource.id,
            status=status,
            why=reason,
            properties=json.dumps(resource.properties),
        )

    def _event(
        self, *, logical: str, kind: str, physical: str, status: str, why: str, properties: str = ""
    ) -> None:
        event = {
            "StackId": self.id,
            "StackName": self.name,
            "EventId": f"{logical}-{status}-{len(self.events)}",
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "Timestamp": now(),
            "ResourceStatus": status,
            **({"ResourceStatusReason": why} if why else {}),
            **({"ResourceProperties": properties} if properties else {}),
            **({"ClientRequestToken": self.token} if self.token else {}),
        }
        self.events.append(event)


@dataclass(slots=True, kw_only=True)
class ChangeSet:
    """What a stack would become. `request` is that of its creation; `changes` as DescribeChangeSet tells."""

    id: str
    name: str
    stack: Stack
    desired: Desired
    request: Json
    changes: list[Json]
    status: str
    execution: str
    reason: str
    created: dt.datetime = field(default_factory=now)
