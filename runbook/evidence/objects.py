"""What all Kubernetes objects have, and how several of them are read at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime
from typing import TypeVar

from runbook.model import NotApplicable, Resource, Seen, Unavailable
from runbook.ports.kubernetes import Body

Thing = TypeVar("Thing")


METADATA_FIELDS = ("metadata.name", "metadata.namespace", "metadata.uid", "metadata.creationTimestamp")


def reference(kind: str, body: Body) -> Resource:
    """The resource that an object is."""
    metadata = body["metadata"]
    return Resource(
        kind=kind, namespace=metadata.get("namespace", ""), name=metadata["name"], uid=metadata.get("uid", "")
    )


def owner(body: Body) -> tuple[str, str]:
    """Kind and name of the first owner, empty without one."""
    match body["metadata"].get("ownerReferences"):
        case [{"kind": str(kind), "name": str(name)}, *_]:
            return (kind, name)
    return ("", "")


def created(body: Body) -> datetime:
    """When the object was created."""
    return datetime.fromisoformat(body["metadata"]["creationTimestamp"])


def moment(text: str | None) -> datetime | None:
    """A Kubernetes time, None where there is none."""
    return datetime.fromisoformat(text) if text else None


async def seen(questions: Iterable[Awaitable[Thing | None]]) -> Seen[Thing]:
    """Await all; what is absent drops out, what cannot be known becomes a gap."""
    outcomes = await asyncio.gather(*questions, return_exceptions=True)
    items: list[Thing] = []
    gaps: list[Unavailable] = []
    for outcome in outcomes:
        if isinstance(outcome, Unavailable):
            gaps.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        elif outcome is not None:
            items.append(outcome)
    return Seen(tuple(items), tuple(gaps))


def something(found: Seen[Thing], otherwise: str) -> Seen[Thing]:
    """The same. Raises NotApplicable when there is nothing to judge: that is not the same as healthy."""
    if not found.items and not found.gaps:
        raise NotApplicable(otherwise)
    return found
