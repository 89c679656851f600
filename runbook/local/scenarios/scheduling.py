"""Pods for which no node is found."""

from __future__ import annotations

from runbook.evidence.ebs.attachments import attachment_name
from runbook.local.account import ZONES
from runbook.local.breaking import INCIDENT, detach, waiting_pod
from runbook.local.breaking_nodes import NO_PREEMPTION, NODE, another_volume, lose_node
from runbook.local.healthy import condition
from runbook.local.scenarios import scenario
from runbook.local.world import DRIVER, World

UNPLACED = ("ebs.scheduling.scheduled", "ebs.target.ready")


@scenario(verdict="faulty", causes=["ebs.scheduling.node_in_zone"], consequences=UNPLACED)
def no_node_in_zone(world: World) -> None:
    """The only node in the volume's zone is gone; the other nodes are elsewhere."""
    lose_node(world)
    waiting_pod(
        world,
        unschedulable="0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity."
        + NO_PREEMPTION.format(2),
    )


@scenario(verdict="faulty", causes=["ebs.scheduling.node_in_zone"], consequences=UNPLACED)
def zone_cordoned(world: World) -> None:
    """The only node in the volume's zone is cordoned; the scheduler in its older wording."""
    detach(world)
    node = world.get("Node", NODE)
    node["spec"].update(
        unschedulable=True, taints=[{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]
    )
    waiting_pod(
        world,
        unschedulable="0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) had volume node affinity "
        "conflict. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    )


@scenario(verdict="faulty", causes=["ebs.scheduling.node_in_zone"], consequences=UNPLACED)
def selector_excludes_zone(world: World) -> None:
    """The pod wants nodes with a label that none in its volume's zone has."""
    detach(world)
    pod = waiting_pod(
        world,
        unschedulable="0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 node(s) "
        "didn't match PersistentVolume's node affinity." + NO_PREEMPTION.format(3),
    )
    pod["spec"]["nodeSelector"] = {"disk": "fast"}
    world.get("StatefulSet", "orders", "shop")["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "fast"}
    for other in world.of("Node"):
        if other["metadata"]["name"] != NODE:
            other["metadata"]["labels"]["disk"] = "fast"


@scenario(verdict="faulty", causes=["ebs.scheduling.attachment_limit"], consequences=UNPLACED)
def attachment_limit_reached(world: World) -> None:
    """The only node in the volume's zone takes one volume, and has it."""
    other = "vol-0b22c33d44e55f66a"
    another_volume(world, "carts", volume=other)
    detach(world)
    handle = f"kubernetes.io/csi/{DRIVER}^{other}"
    world.get("Node", NODE)["status"].update(
        volumesAttached=[{"name": handle, "devicePath": ""}], volumesInUse=[handle]
    )
    world.get("CSINode", NODE)["spec"]["drivers"][0]["allocatable"]["count"] = 1
    waiting_pod(
        world,
        unschedulable="0/3 nodes are available: 1 node(s) exceed max volume count, 2 node(s) didn't match "
        "PersistentVolume's node affinity." + NO_PREEMPTION.format(3),
    )


@scenario(verdict="inconclusive", consequences=UNPLACED)
def cluster_full(world: World) -> None:
    """The nodes have no memory left, which is no matter of volumes; the scheduler's words are told."""
    (container,) = world.get("Pod", "orders-0", "shop")["spec"]["containers"]
    container["resources"] = {"requests": {"memory": "16Gi"}}
    detach(world)
    waiting_pod(
        world,
        unschedulable="0/3 nodes are available: 3 Insufficient memory. no new claims to deallocate, preemption: "
        "0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    )


@scenario(verdict="faulty", causes=["ebs.scheduling.volumes_in_one_zone"], consequences=UNPLACED)
def volumes_in_two_zones(world: World) -> None:
    """The pod's second volume was made in another zone, so that no node can have both."""
    other = "vol-0b22c33d44e55f66a"
    another_volume(world, "carts", volume=other)
    world.remove("Pod", "carts-0", "shop")
    world.remove("StatefulSet", "carts", "shop")
    world.remove("VolumeAttachment", attachment_name(other, NODE))
    _, _, elsewhere = ZONES["us-east-1b"]
    claim = world.get("PersistentVolumeClaim", "data-carts-0", "shop")
    claim["metadata"]["annotations"]["volume.kubernetes.io/selected-node"] = elsewhere
    (term,) = world.get("PersistentVolume", claim["spec"]["volumeName"])["spec"]["nodeAffinity"]["required"][
        "nodeSelectorTerms"
    ]
    term["matchExpressions"][0]["values"] = ["us-east-1b"]
    world.aws["volumes"][other].update(AvailabilityZone="us-east-1b", State="available", Attachments=[])
    detach(world)
    pod = waiting_pod(
        world,
        unschedulable="0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity."
        + NO_PREEMPTION.format(3),
    )
    second = {"name": "more", "persistentVolumeClaim": {"claimName": "data-carts-0"}}
    pod["spec"]["volumes"].append(second)


@scenario(verdict="inconclusive", consequences=UNPLACED)
def scheduling_gate_left(world: World) -> None:
    """The pod was made with a scheduling gate, which nobody has removed."""
    detach(world)
    blocked = "Scheduling is blocked due to non-empty scheduling gates"
    pod = waiting_pod(world)
    pod["spec"]["schedulingGates"] = [{"name": "example.com/approved"}]
    pod["status"]["conditions"] = [
        condition("PodScheduled", False, world.now - INCIDENT, reason="SchedulingGated", message=blocked)
    ]
