"""The healthy controller, its pods, and what these wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.logs import Log
from runbook.evidence.pods import Container, Pod
from runbook.model import Resource

_CONTAINERS = (
    "ebs-plugin",
    "csi-provisioner",
    "csi-attacher",
    "csi-snapshotter",
    "csi-resizer",
    "liveness-probe",
)


def controller(**changes: Any) -> Controller:
    """The Deployment kube-system/ebs-csi-controller with two ready replicas."""
    healthy = Controller(
        resource=Resource(kind="Deployment", namespace="kube-system", name="ebs-csi-controller"),
        replicas=2,
        ready=2,
        service_account="ebs-csi-controller-sa",
        selector="app=ebs-csi-controller",
    )
    return replace(healthy, **changes)


def absent_controller() -> Controller:
    """No Deployment of that name."""
    gone = Resource(kind="Deployment", namespace="kube-system", name="ebs-csi-controller", exists=False)
    return Controller(resource=gone)


def controller_pod(*broken: Container, **changes: Any) -> Pod:
    """A pod of the controller, ready unless it has broken containers."""
    names = {container.name for container in broken}
    healthy = Pod(
        resource=Resource(kind="Pod", namespace="kube-system", name="ebs-csi-controller-a"),
        phase="Running",
        ready=not broken,
        created=datetime(2026, 11, 12, 6, 30, tzinfo=UTC),
        node="node-a",
        containers=(
            *broken,
            *(Container(name=n, ready=True, restarts=0) for n in _CONTAINERS if n not in names),
        ),
    )
    return replace(healthy, **changes)


def crashing(name: str, **changes: Any) -> Container:
    """A container in CrashLoopBackOff."""
    down = Container(name=name, ready=False, restarts=18, waiting="CrashLoopBackOff", exit_reason="Error")
    return replace(down, **changes)


def log(container: str, text: str, pod: Pod, **changes: Any) -> Log:
    """What a container wrote."""
    return replace(Log(pod=pod, container=container, text=text), **changes)
