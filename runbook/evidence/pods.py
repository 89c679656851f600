"""Pods and their containers, as far as checks read them, and the fields that this needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runbook.evidence.environment import ENVIRONMENT_FIELDS, Variable, environment
from runbook.evidence.objects import METADATA_FIELDS, created, owner, reference
from runbook.model import Resource
from runbook.ports.kubernetes import Body

POD_FIELDS = (
    *METADATA_FIELDS,
    "metadata.deletionTimestamp",
    "metadata.ownerReferences.kind",
    "metadata.ownerReferences.name",
    "spec.nodeName",
    "spec.volumes.name",
    "spec.volumes.persistentVolumeClaim",
    "spec.volumes.ephemeral.volumeClaimTemplate.spec.storageClassName",
    "spec.nodeSelector",
    "spec.tolerations",
    "spec.schedulingGates.name",
    *(f"spec.containers.{field}" for field in ENVIRONMENT_FIELDS),
    "status.phase",
    "status.conditions.type",
    "status.conditions.status",
    "status.conditions.reason",
    "status.conditions.message",
    "status.containerStatuses",
    "status.initContainerStatuses",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container's status. Reasons are empty where the state is not the one named."""

    name: str
    ready: bool
    restarts: int
    waiting: str = ""
    waiting_message: str = ""
    exit_reason: str = ""
    """Of the last termination."""
    exit_message: str = ""

    @property
    def crashing(self) -> bool:
        """Whether it keeps ending, or ended with an error and has not been started again."""
        return self.waiting == "CrashLoopBackOff" or (not self.ready and self.restarts > 0)

    @property
    def reached(self) -> bool:
        """Whether the kubelet got as far as this container, which it does when all volumes are mounted."""
        return self.waiting not in ("ContainerCreating", "PodInitializing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod, as far as checks read it.

    `claims` are the names of its PersistentVolumeClaims, `claim_volumes` what its spec calls them,
    `ephemeral` those of them that Kubernetes makes for it.
    """

    resource: Resource
    phase: str
    ready: bool
    created: datetime
    node: str = ""
    owner: tuple[str, str] = ("", "")
    """Kind and name of the controller."""
    claims: tuple[str, ...] = ()
    claim_volumes: tuple[str, ...] = ()
    ephemeral: tuple[str, ...] = ()
    node_selector: tuple[tuple[str, str], ...] = ()
    tolerations: tuple[tuple[str, str, str, str], ...] = ()
    """Key, operator, value and effect; an empty key or effect stands for all."""
    terminating: bool = False
    unschedulable: str = ""
    """The scheduler's present message, empty when it placed the pod."""
    gates: tuple[str, ...] = ()
    """Its scheduling gates, which keep it from the scheduler."""
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    env: tuple[Variable, ...] = ()

    @property
    def mounted(self) -> bool:
        """Whether its volumes are mounted: the kubelet starts no container before."""
        return any(one.reached for one in (*self.init_containers, *self.containers))

    @property
    def stopped_by(self) -> Container | None:
        """The first container that is not ready, of those that the kubelet got as far as."""
        every = (*self.init_containers, *self.containers)
        return next((one for one in every if one.reached and not one.ready), None)

    def variables(self, container: str) -> dict[str, str]:
        """The environment of one container."""
        return {name: value for owner, name, value in self.env if owner == container}


def pod(body: Body) -> Pod:
    """Read a pod that was asked for with POD_FIELDS."""
    spec, status = body.get("spec", {}), body.get("status", {})
    conditions = {c["type"]: c for c in status.get("conditions", ())}
    scheduled = conditions.get("PodScheduled", {})
    return Pod(
        resource=reference("Pod", body),
        phase=status.get("phase", ""),
        ready=conditions.get("Ready", {}).get("status") == "True",
        created=created(body),
        node=spec.get("nodeName", ""),
        owner=owner(body),
        claims=tuple(name for _, name in _claims(body)),
        ephemeral=tuple(
            f"{body['metadata']['name']}-{volume['name']}"
            for volume in spec.get("volumes", ())
            if "ephemeral" in volume
        ),
        claim_volumes=tuple(volume for volume, _ in _claims(body)),
        node_selector=tuple(sorted(spec.get("nodeSelector", {}).items())),
        tolerations=tuple(_toleration(one) for one in spec.get("tolerations", ())),
        terminating="deletionTimestamp" in body["metadata"],
        unschedulable=scheduled.get("message", "") if scheduled.get("status") == "False" else "",
        gates=tuple(gate["name"] for gate in spec.get("schedulingGates", ())),
        containers=tuple(_container(c) for c in status.get("containerStatuses", ())),
        init_containers=tuple(_container(c) for c in status.get("initContainerStatuses", ())),
        env=tuple(environment(spec.get("containers", ()))),
    )


def _claims(body: Body) -> Iterable[tuple[str, str]]:
    """Names of volumes, and the claims behind them."""
    for volume in body.get("spec", {}).get("volumes", ()):
        match volume:
            case {"persistentVolumeClaim": {"claimName": str(claim)}}:
                yield volume.get("name", ""), claim
            case {"ephemeral": _, "name": str(name)}:
                yield name, f"{body['metadata']['name']}-{name}"


def _toleration(body: Body) -> tuple[str, str, str, str]:
    return body.get("key", ""), body.get("operator", "Equal"), body.get("value", ""), body.get("effect", "")


def _container(status: dict[str, Any]) -> Container:
    state, last = status.get("state") or {}, status.get("lastState", {})
    # As the API has it, a container waits whose state says nothing, and the kubelet begins with this reason.
    waiting = state.get("waiting", {} if state else {"reason": "ContainerCreating"})
    ended = state.get("terminated") or last.get("terminated") or {}
    return Container(
        name=status["name"],
        ready=bool(status.get("ready")),
        restarts=int(status.get("restartCount", 0)),
        waiting=waiting.get("reason", ""),
        waiting_message=waiting.get("message", ""),
        exit_reason=ended.get("reason", ""),
        exit_message=ended.get("message", ""),
    )
