"""A small world: a node, a pod that restarted, one that did not, one that fits nowhere, a claim."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from runbook.local.world import World, stamp

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NODE = "ip-10-0-1-2.ec2.internal"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1"


def small() -> World:
    """Everything is in the namespace shop; the claim's class does not exist."""
    world = World(now=NOW, aws={})
    world.add("Namespace", "shop", status={"phase": "Active"})
    world.add("Node", NODE, status=node_status())
    for name, restarted in (("web", True), ("steady", False)):
        status = {"phase": "Running", "containerStatuses": [container(restarted=restarted)]}
        world.add("Pod", name, "shop", spec=pod_spec(nodeName=NODE), status=status)
    world.add("Pod", "hungry", "shop", spec=pod_spec(cpu="64"), status={"phase": "Pending"})
    size = {"requests": {"storage": "4Gi"}}
    claim = {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp33", "resources": size}
    world.add("PersistentVolumeClaim", "data", "shop", spec=claim, status={"phase": "Pending"})
    world.event(world.get("Pod", "web", "shop"), "BackOff", "Back-off restarting", component="kubelet")
    world.log("web", "app", [f"{stamp(NOW)} one", "two"], namespace="shop")
    world.log("web", "app", ["panic"], namespace="shop", previous=True)
    return world


def node_status() -> dict[str, Any]:
    """Ready, with two CPUs."""
    room = {"cpu": "2", "memory": "8Gi", "pods": "29"}
    addresses = [{"type": "InternalIP", "address": "10.0.1.2"}, {"type": "Hostname", "address": NODE}]
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": stamp(NOW)}
    return {"capacity": room, "allocatable": room, "addresses": addresses, "conditions": [ready]}


def pod_spec(cpu: str = "100m", **more: Any) -> dict[str, Any]:
    """One container, called app."""
    resources = {"requests": {"cpu": cpu}}
    return {"containers": [{"name": "app", "image": IMAGE, "resources": resources}], **more}


def container(*, restarted: bool) -> dict[str, Any]:
    """The status of a container that runs, perhaps not for the first time."""
    state = {"running": {"startedAt": stamp(NOW)}}
    ended = {"terminated": {"exitCode": 2, "containerID": "containerd://1", "finishedAt": stamp(NOW)}}
    common = {"name": "app", "image": IMAGE, "imageID": "", "ready": True, "restartCount": int(restarted)}
    return {**common, "state": state, "lastState": ended if restarted else {}}
