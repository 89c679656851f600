"""Events about Kubernetes objects, and the fields that reading them needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from runbook.evidence.objects import METADATA_FIELDS, moment
from runbook.model import Resource
from runbook.ports.kubernetes import Body, Kubernetes

EVENT_FIELDS = (
    *METADATA_FIELDS,
    "involvedObject",
    "reason",
    "message",
    "lastTimestamp",
    "eventTime",
    "series",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, with the time it was last seen. An expired event proves nothing."""

    about: Resource
    reason: str
    message: str
    last: datetime | None

    @property
    def at(self) -> str:
        """`last` as a report quotes it, empty when the event does not say."""
        return self.last.strftime("%Y-%m-%dT%H:%M:%SZ") if self.last else ""


def event(body: Body) -> Event:
    """Read an event that was asked for with EVENT_FIELDS, of the old form or the new."""
    about, series = body.get("involvedObject", {}), body.get("series") or {}
    return Event(
        about=Resource(
            kind=about.get("kind", ""),
            namespace=about.get("namespace", ""),
            name=about.get("name", ""),
            uid=about.get("uid", ""),
        ),
        reason=body.get("reason", ""),
        message=body.get("message", ""),
        last=moment(series.get("lastObservedTime") or body.get("lastTimestamp") or body.get("eventTime")),
    )


async def events(kubernetes: Kubernetes, about: Resource) -> tuple[Event, ...]:
    """The events about one object, latest first. Its uid keeps a namesake's events out."""
    selector = f"involvedObject.uid={about.uid}" if about.uid else f"involvedObject.name={about.name}"
    listing = await kubernetes.list("events", namespace=about.namespace, where=selector, fields=EVENT_FIELDS)
    return latest_first(event(item) for item in listing)


def latest_first(found: Iterable[Event]) -> tuple[Event, ...]:
    """Sorted by time, then by text, so that equal times keep one order."""
    return tuple(
        sorted(
            found, key=lambda e: (-(e.last.timestamp() if e.last else 0.0), e.reason, e.message, e.about.key)
        )
    )
