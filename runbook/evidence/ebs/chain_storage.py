"""Links of the chain from the pods to their claims, classes and volumes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from runbook.evidence.ebs import PROVISIONERS
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.claims import Claim, StorageClass, Volume
from runbook.evidence.ebs.target import Target
from runbook.evidence.pods import Container, Pod
from runbook.graph import GraphBuilder
from runbook.model import Resource, Seen, Unavailable
from runbook.wording import count, span

#: Stands for the class that a claim without a class waits for.
DEFAULT_CLASS = Resource(kind="StorageClass", name="(default)", exists=False)


def add_pods(build: GraphBuilder, asked: Asked, target: Target, now: datetime) -> None:
    """What was asked about, the workload over it, and every pod."""
    for resource in asked.resources:
        if not resource.exists:
            build.add(
                resource, "does not exist" + (f"; near: {', '.join(target.near)}" if target.near else "")
            )
    if target.workload:
        state = f"{target.workload.ready} of {target.workload.replicas} ready"
        build.add(target.workload.resource, state)
        for missing in target.missing:
            build.connect(missing, target.workload.resource)
    for pod in asked.pods:
        build.add(pod.resource, _pod_state(pod, now))
        if not pod.ready and (stopped_by := pod.stopped_by):
            build.add(container_of(pod, stopped_by), _container_state(stopped_by), of=pod.resource)
        if target.workload:
            build.connect(target.workload.resource, pod.resource)


def container_of(pod: Pod, container: Container) -> Resource:
    """A container, of whose own faults the pod's volumes are no cause."""
    return Resource(
        kind="Container", namespace=pod.resource.namespace, name=f"{pod.resource.name}/{container.name}"
    )


def _container_state(container: Container) -> str:
    return container.waiting or container.exit_reason or "runs"


def _pod_state(pod: Pod, now: datetime) -> str:
    if pod.terminating:
        return "is being deleted"
    if pod.ready:
        return "ready"
    every = (*pod.init_containers, *pod.containers)
    restarts = sum(c.restarts for c in every)
    waiting = next((c.waiting for c in every if c.waiting), "")
    told = [
        "runs, is not ready" if pod.phase == "Running" else f"{pod.phase} for {span(pod.created, now)}",
        waiting,
        count(restarts, "restart") if restarts else "",
    ]
    return ", ".join(part for part in told if part)


def add_claims(
    build: GraphBuilder, asked: Asked, target: Target, claims: Seen[Claim] | Unavailable, now: datetime
) -> None:
    """The claims below their pods; those of pods that do not exist below what stands for them."""
    found = () if isinstance(claims, Unavailable) else claims.items
    by_path = {(c.resource.namespace, c.resource.name): c for c in found}
    for pod in asked.pods:
        for name in pod.claims:
            claim = by_path.get((pod.resource.namespace, name))
            gone = Resource(kind="PersistentVolumeClaim", namespace=pod.resource.namespace, name=name)
            says, resource = (
                (_claim_state(claim, now), claim.resource) if claim else ("could not be read", gone)
            )
            build.add(resource, says, unknown=claim is None, of=pod.resource)
            if claim and claim.waits:
                _connect_choice(build, claim, pod)
    for name in target.expected_claims:
        for start in target.missing or target.asked:
            if claim := by_path.get((start.namespace, name)):
                build.add(claim.resource, _claim_state(claim, now), of=start)


def _connect_choice(build: GraphBuilder, claim: Claim, pod: Pod) -> None:
    """A claim that waits for its first consumer depends on where that pod can go."""
    if claim.selected_node:
        build.connect(claim.resource, Resource(kind="Node", name=claim.selected_node))
    elif not pod.node:
        build.connect(claim.resource, pod.resource)


def _claim_state(claim: Claim, now: datetime) -> str:
    if not claim.resource.exists:
        return "does not exist"
    if claim.phase == "Bound":
        return f"Bound to {claim.volume}"
    since = f" for {span(claim.created, now)}" if claim.created and claim.phase == "Pending" else ""
    return f"{claim.phase or 'in no phase'}{since}"


def add_storage(
    build: GraphBuilder,
    claims: Iterable[Claim],
    classes: tuple[StorageClass, ...] | Unavailable,
    volumes: Iterable[Volume],
    controller: Resource | None,
) -> None:
    """Classes and volumes below the claims, and the controller below what it has to provide."""
    known = {} if isinstance(classes, Unavailable) else {c.resource.name: c for c in classes}
    by_name = {v.resource.name: v for v in volumes}
    for claim in claims:
        if not claim.resource.exists:
            continue
        if claim.volume:
            _add_volume(build, claim, by_name.get(claim.volume))
        elif claim.storage_class != "":
            _add_class(build, claim, known, isinstance(classes, Unavailable), controller)


def _add_class(
    build: GraphBuilder,
    claim: Claim,
    known: dict[str, StorageClass],
    unknown: bool,
    controller: Resource | None,
) -> None:
    default = next((c for c in known.values() if c.default), None)
    wanted = known.get(claim.storage_class) if claim.storage_class else default
    if wanted:
        build.add(wanted.resource, f"ok: {wanted.provisioner}, {wanted.binding_mode}", of=claim.resource)
        if wanted.provisioner in PROVISIONERS and controller:
            build.connect(wanted.resource, controller)
        return
    absent = (
        Resource(kind="StorageClass", name=claim.storage_class, exists=False)
        if claim.storage_class
        else DEFAULT_CLASS
    )
    build.add(
        absent, "could not be read" if unknown else "does not exist", unknown=unknown, of=claim.resource
    )


def _add_volume(build: GraphBuilder, claim: Claim, volume: Volume | None) -> None:
    if volume is None:
        missing = Resource(kind="PersistentVolume", name=claim.volume)
        build.add(missing, "could not be read", unknown=True, of=claim.resource)
        return
    if not volume.resource.exists:
        build.add(volume.resource, "does not exist", of=claim.resource)
        return
    zones = f" in {', '.join(volume.zones)}" if volume.zones else ""
    build.add(volume.resource, f"{volume.phase}, {volume.handle or volume.driver}{zones}", of=claim.resource)
