"""What was asked about: pod shop/orders-0, which waits, made by StatefulSet shop/orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from runbook.evidence.ebs.admission import Quota, Refusal
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.target import Target, Workload
from runbook.evidence.events import Event
from runbook.evidence.pods import Pod
from runbook.model import Resource

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
STATEFUL_SET = Resource(kind="StatefulSet", namespace="shop", name="orders")


def pod(name: str = "orders-0", **changes: Any) -> Pod:
    """A pod with claim data-NAME, made 52 minutes ago, on node-a, not ready."""
    waiting = Pod(
        resource=Resource(kind="Pod", namespace="shop", name=name),
        phase="Pending",
        ready=False,
        created=NOW - timedelta(minutes=52),
        node="node-a",
        owner=("StatefulSet", "orders"),
        claims=(f"data-{name}",),
        claim_volumes=("data",),
    )
    return replace(waiting, **changes)


def unplaced(said: str = "", **changes: Any) -> Pod:
    """The pod without a node, and what the scheduler says of it."""
    return replace(pod(node="", unschedulable=said), **changes)


def asked(*pods: Pod, **changes: Any) -> Asked:
    """These pods, named."""
    about = Asked(
        resources=tuple(p.resource for p in pods),
        driver=(),
        pods=pods,
        state="pod shop/orders-0 waits",
        suffering=True,
        named=True,
    )
    return replace(about, **changes)


def workload(**changes: Any) -> Workload:
    """StatefulSet shop/orders, its one pod ready."""
    healthy = Workload(resource=STATEFUL_SET, replicas=1, ready=1, made=1, selector="app=orders")
    return replace(healthy, **changes)


def target(*pods: Pod, **changes: Any) -> Target:
    """These pods, named."""
    return replace(Target(asked=tuple(p.resource for p in pods), pods=pods), **changes)


def absent(kind: str = "Pod", name: str = "orders-0", **changes: Any) -> Target:
    """Something that was named and does not exist."""
    namespace = "" if kind == "Namespace" else "shop"
    missing = Resource(kind=kind, namespace=namespace, name=name, exists=False)
    return replace(Target(asked=(missing,), pods=()), **changes)


def event(reason: str, message: str, about: Resource | None = None) -> Event:
    """An event about the pod, or something else, 41 seconds old."""
    subject = about or pod().resource
    return Event(about=subject, reason=reason, message=message, last=NOW - timedelta(seconds=41))


def quota(**changes: Any) -> Quota:
    """A quota of ten pods, all used, of which one more is requested."""
    used_up = Quota(
        resource=Resource(kind="ResourceQuota", namespace="shop", name="shop-pods"),
        hard={"pods": "10"},
        used={"pods": "10"},
        requested={"pods": "1"},
    )
    return replace(used_up, **changes)


def refusal(message: str, **changes: Any) -> Refusal:
    """The StatefulSet's pods are refused with this message."""
    said = event("FailedCreate", message, STATEFUL_SET)
    return replace(Refusal(workload=STATEFUL_SET, event=said), **changes)
