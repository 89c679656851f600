"""A cluster and its account as data: healthy at first, broken by a scenario."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from runbook.ports.resources import BY_KIND

Manifest = dict[str, Any]
Key = tuple[str, str, str]

#: The time at which the embedded demonstration takes place.
STORY_TIME = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
DRIVER = "ebs.csi.aws.com"


@dataclass(kw_only=True)
class World:
    """Kubernetes objects as the API server returns them, container logs, and the account's state.

    `objects` is keyed by kind, namespace and name; `logs` by namespace, pod, container and whether
    it is the previous run's; `aws` has the shapes of AWS's own APIs (runbook/local/aws).
    """

    now: datetime
    aws: dict[str, Any]
    objects: dict[Key, Manifest] = field(default_factory=dict)
    logs: dict[tuple[str, str, str, bool], str] = field(default_factory=dict)

    def add(
        self, kind: str, name: str, namespace: str = "", *, age: timedelta = timedelta(days=9), **body: Any
    ) -> Manifest:
        """Add an object with complete metadata; `metadata` in `body` is merged into it."""
        manifest: Manifest = {"apiVersion": BY_KIND[kind].api_version, "kind": kind, **body}
        manifest["metadata"] = {
            "name": name,
            "uid": uid(kind, namespace, name),
            "creationTimestamp": stamp(self.now - age),
            **({"namespace": namespace} if namespace else {}),
            **body.get("metadata", {}),
        }
        self.objects[(kind, namespace, name)] = manifest
        return manifest

    def get(self, kind: str, name: str, namespace: str = "") -> Manifest:
        """An object, to be read or changed in place."""
        return self.objects[(kind, namespace, name)]

    def remove(self, kind: str, name: str, namespace: str = "") -> None:
        """Take an object away, and the events about it."""
        gone = self.objects.pop((kind, namespace, name))
        about = gone["metadata"]["uid"]
        for key in [k for k, o in self.objects.items() if o.get("involvedObject", {}).get("uid") == about]:
            del self.objects[key]

    def of(self, kind: str) -> list[Manifest]:
        """All objects of a kind."""
        return [manifest for (k, _, _), manifest in sorted(self.objects.items()) if k == kind]

    def event(
        self,
        about: Manifest,
        reason: str,
        message: str,
        *,
        component: str,
        normal: bool = False,
        ago: timedelta = timedelta(seconds=41),
        count: int = 14,
    ) -> None:
        """Add an event about an object."""
        metadata = about["metadata"]
        namespace = metadata.get("namespace", "default")
        digest = hashlib.sha256(f"{metadata['uid']}{reason}{message}".encode()).hexdigest()[:16]
        last = stamp(self.now - ago)
        self.add(
            "Event",
            f"{metadata['name']}.{digest}",
            namespace,
            age=timedelta(minutes=50),
            involvedObject={
                "kind": about["kind"],
                "apiVersion": about["apiVersion"],
                "namespace": metadata.get("namespace", ""),
                "name": metadata["name"],
                "uid": metadata["uid"],
            },
            reason=reason,
            message=message,
            type="Normal" if normal else "Warning",
            count=count,
            firstTimestamp=stamp(self.now - timedelta(minutes=50)),
            lastTimestamp=last,
            source={"component": component},
        )

    def log(
        self,
        pod: str,
        container: str,
        lines: Iterable[str],
        *,
        namespace: str = "kube-system",
        previous: bool = False,
    ) -> None:
        """Set what a container wrote."""
        self.logs[(namespace, pod, container, previous)] = "".join(f"{line}\n" for line in lines)


def uid(kind: str, namespace: str, name: str) -> str:
    """A uid that is the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{namespace}/{name}"))


def stamp(moment: datetime) -> str:
    """A time as Kubernetes writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
