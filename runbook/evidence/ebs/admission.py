"""Why the pods of a workload are not let in: what its controller wrote, and the quota that it names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from runbook.evidence.ebs.target import Target, Workload
from runbook.evidence.events import EVENT_FIELDS, Event, event, events, latest_first
from runbook.evidence.objects import METADATA_FIELDS, owner, reference
from runbook.evidence.quantities import quantity
from runbook.model import NotApplicable, Resource, Seen, Unavailable
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: A refused controller tries again at least this often; an older refusal may be over.
_CURRENT = timedelta(hours=1)
_QUOTA = re.compile(
    r"exceeded quota: (?P<name>[a-z0-9.-]+), requested: (?P<requested>\S+), used: (?P<used>\S+), "
    r"limited: (?P<limited>[^\s\"]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A ResourceQuota as it is now; absent when `resource.exists` is False. Amounts by resource."""

    resource: Resource
    hard: Mapping[str, str] = field(default_factory=dict)
    used: Mapping[str, str] = field(default_factory=dict)
    requested: Mapping[str, str] = field(default_factory=dict)
    """What the refused object asks for."""

    @property
    def short(self) -> tuple[str, ...]:
        """The resources of which there is not enough left for what was requested."""
        return tuple(
            name
            for name, wanted in sorted(self.requested.items())
            if name in self.hard
            and quantity(self.used.get(name, "0")) + quantity(wanted) > quantity(self.hard[name])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a workload's pods, or their claims, are not made."""

    workload: Resource
    event: Event
    quota: Quota | None = None


@evidence("k8s:list events", "k8s:list replicasets", "k8s:get resourcequotas")
async def refusals(kubernetes: Kubernetes, target: Target, now: datetime) -> Seen[Refusal]:
    """The present refusal of the workload's pods. Raises NotApplicable when no workload lacks pods."""
    workload = target.workload
    if workload is None:
        raise NotApplicable(
            "no workload is known that would make the pod" if target.missing else "the pods exist"
        )
    if workload.made >= workload.replicas:
        raise NotApplicable(f"{workload.resource.kind} {workload.resource.path} lacks no pod")
    said = await _said(kubernetes, workload)
    refused = next((e for e in said if e.reason in ("FailedCreate", "SuccessfulCreate")), None)
    if refused is None or refused.reason != "FailedCreate" or not _current(refused, now):
        return Seen((), (Unavailable("it lacks pods, and no event of the last hour says why"),))
    try:
        quota = await _quota(kubernetes, workload.resource.namespace, refused.message)
    except Unavailable as gap:
        return Seen((), (gap,))
    return Seen((Refusal(workload=workload.resource, event=refused, quota=quota),))


def _current(refused: Event, now: datetime) -> bool:
    return refused.last is not None and now - refused.last < _CURRENT


async def _said(kubernetes: Kubernetes, workload: Workload) -> Iterable[Event]:
    """What the maker of the pods said, latest first: of a Deployment its ReplicaSets."""
    if workload.resource.kind != "Deployment":
        return await events(kubernetes, workload.resource)
    namespace = workload.resource.namespace
    sets, listing = await asyncio.gather(
        kubernetes.list(
            "replicasets",
            namespace=namespace,
            labels=workload.selector,
            fields=(
                *METADATA_FIELDS,
                "metadata.ownerReferences.kind",
                "metadata.ownerReferences.name",
                "spec.replicas",
            ),
        ),
        kubernetes.list(
            "events", namespace=namespace, where="involvedObject.kind=ReplicaSet", fields=EVENT_FIELDS
        ),
    )
    mine = {
        reference("ReplicaSet", one).uid
        for one in sets
        if owner(one) == ("Deployment", workload.resource.name) and one.get("spec", {}).get("replicas", 0)
    }
    spoken = [e for e in map(event, listing) if e.about.uid in mine]
    return latest_first(spoken)


async def _quota(kubernetes: Kubernetes, namespace: str, message: str) -> Quota | None:
    found = _QUOTA.search(message)
    if found is None:
        return None
    body = await kubernetes.get(
        "resourcequotas",
        found["name"],
        namespace=namespace,
        fields=(*METADATA_FIELDS, "status.hard", "status.used"),
    )
    if body is None:
        absent = Resource(kind="ResourceQuota", namespace=namespace, name=found["name"], exists=False)
        return Quota(resource=absent)
    status = body.get("status", {})
    return Quota(
        resource=reference("ResourceQuota", body),
        hard=status.get("hard", {}),
        used=status.get("used", {}),
        requested=_amounts(found["requested"]),
    )


def _amounts(text: str) -> dict[str, str]:
    """`pods=1,requests.cpu=2` by resource."""
    return {name: amount for name, _, amount in (part.partition("=") for part in text.split(","))}
