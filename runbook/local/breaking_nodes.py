"""What breaks on nodes and with attachments, in the exact words of the components."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from runbook.evidence.ebs.attachments import attachment_name
from runbook.local.account import VOLUME, ZONES
from runbook.local.breaking import INCIDENT, NOT_AUTHORIZED, REQUEST, container, detach, stuck_pod
from runbook.local.healthy import (
    NODE_CONTAINERS,
    PV,
    SYSTEM,
    add_pod,
    claim_spec,
    condition,
    owner,
    pod_spec,
)
from runbook.local.world import DRIVER, Manifest, World, stamp

ZONE = "us-east-1a"
SUBNET, INSTANCE, NODE = ZONES[ZONE]
PLUGINS = ("ebs-csi-node-4kq2s", "ebs-csi-node-7tz9m", "ebs-csi-node-c5v8x")
SECOND_INSTANCE, SECOND_NODE = "i-0dddd1111eeee2222", "ip-10-0-32-11.ec2.internal"
#: How the scheduler of Kubernetes 1.34 ends what it says.
NO_PREEMPTION = (
    " no new claims to deallocate, preemption: 0/{0} nodes are available: {0} Preemption is not helpful for "
    "scheduling."
)
UNBOUND = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims." + NO_PREEMPTION.format(
    3
)
NOT_REGISTERED = (
    f'MountVolume.MountDevice failed for volume "{PV}" : kubernetes.io/csi: attacher.MountDevice failed to '
    f"create newCsiDriverClient: driver name {DRIVER} not found in the list of registered CSI drivers"
)
UNMOUNTED = (
    "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process "
    "volumes=[]: context deadline exceeded"
)


def second_node(world: World) -> str:
    """Another node in the zone of the shop's volume, with its instance and node plugin; its name."""
    for kind in ("Node", "CSINode"):
        made = copy.deepcopy(world.get(kind, NODE))
        world.add(kind, SECOND_NODE, **{k: v for k, v in made.items() if k in ("spec", "status")})
    node = world.get("Node", SECOND_NODE)
    node["metadata"]["labels"] = {
        **world.get("Node", NODE)["metadata"]["labels"],
        "kubernetes.io/hostname": SECOND_NODE,
    }
    node["metadata"]["annotations"] = dict(world.get("Node", NODE)["metadata"]["annotations"])
    node["spec"]["providerID"] = f"aws:///{ZONE}/{SECOND_INSTANCE}"
    node["status"].update(
        addresses=[{"type": "InternalIP", "address": "10.0.32.11"}], volumesAttached=[], volumesInUse=[]
    )
    world.get("CSINode", SECOND_NODE)["spec"]["drivers"][0]["nodeID"] = SECOND_INSTANCE
    world.aws["instances"][SECOND_INSTANCE] = {
        **world.aws["instances"][INSTANCE],
        "PrivateDnsName": SECOND_NODE,
    }
    plugin = world.get("DaemonSet", "ebs-csi-node", SYSTEM)
    labels = plugin["spec"]["selector"]["matchLabels"]
    spec = pod_spec("ebs-csi-node-sa", NODE_CONTAINERS)
    add_pod(world, "ebs-csi-node-w2j6n", SYSTEM, labels, plugin, SECOND_NODE, spec)
    count_plugins(world, len(ZONES) + 1)
    return SECOND_NODE


def count_plugins(world: World, number: int, ready: int | None = None) -> None:
    """How many nodes the node plugin is for, and on how many it is ready."""
    status = world.get("DaemonSet", "ebs-csi-node", SYSTEM)["status"]
    status.update(desiredNumberScheduled=number, currentNumberScheduled=number)
    status["numberReady"] = number if ready is None else ready


def lose_node(world: World, name: str = NODE, instance: str = INSTANCE) -> None:
    """A node is gone, and its instance with it; what lay on it is made anew elsewhere."""
    for key in [k for k, o in world.objects.items() if k[0] == "Pod" and o["spec"].get("nodeName") == name]:
        if key[1] == SYSTEM:
            world.remove(*_place(key))
    detach(world)
    world.remove("Node", name)
    world.remove("CSINode", name)
    del world.aws["instances"][instance]
    count_plugins(world, len(ZONES) - 1)


def _place(key: tuple[str, str, str]) -> tuple[str, str, str]:
    kind, namespace, name = key
    return kind, name, namespace


def dead_node(world: World, name: str = NODE, instance: str = INSTANCE, *, state: str = "stopped") -> None:
    """The kubelet of a node has fallen silent, because its instance is in this state."""
    since = world.now - INCIDENT
    node = world.get("Node", name)
    node["status"]["conditions"] = [
        {
            **condition("Ready", True, since),
            "status": "Unknown",
            "reason": "NodeStatusUnknown",
            "message": "Kubelet stopped posting node status.",
        }
    ]
    node["spec"]["taints"] = [
        {"key": "node.kubernetes.io/unreachable", "effect": effect, "timeAdded": stamp(since)}
        for effect in ("NoSchedule", "NoExecute")
    ]
    world.aws["instances"][instance]["State"] = state
    for (kind, namespace, pod), body in list(world.objects.items()):
        if kind == "Pod" and body["spec"].get("nodeName") == name:
            for one in body["status"]["conditions"]:
                if one["type"] in ("Ready", "ContainersReady"):
                    one["status"] = "False"
            world.event(
                world.get("Pod", pod, namespace),
                "NodeNotReady",
                "Node is not ready",
                component="node-controller",
                count=1,
            )
    count_plugins(
        world, world.get("DaemonSet", "ebs-csi-node", SYSTEM)["status"]["desiredNumberScheduled"], 2
    )


def unregister(world: World, name: str = NODE) -> None:
    """The kubelet of a node has forgotten the driver."""
    world.get("CSINode", name)["spec"]["drivers"] = []


def unmountable_pod(world: World, message: str = NOT_REGISTERED) -> None:
    """The pod was made anew on its node, where the kubelet cannot mount its volume."""
    pod = stuck_pod(world)
    world.event(pod, "FailedMount", message, component="kubelet")
    world.event(pod, "FailedMount", UNMOUNTED, component="kubelet", ago=timedelta(minutes=1))


def crash_plugin(world: World, name: str = PLUGINS[0]) -> None:
    """A node plugin crashes, that of the pod's node, and says nothing of why."""
    status = world.get("Pod", name, SYSTEM)["status"]
    since = world.now - INCIDENT
    status["conditions"][2:] = [
        condition(kind, False, since, reason="ContainersNotReady") for kind in ("ContainersReady", "Ready")
    ]
    back_off = "back-off 5m0s restarting failed container=ebs-plugin"
    status["containerStatuses"][0] = container(
        "ebs-plugin", waiting="CrashLoopBackOff", message=back_off, restarts=15
    )
    count_plugins(world, len(ZONES), len(ZONES) - 1)


def attach_refused(world: World, error: str) -> Manifest:
    """The pod is on its node, and the driver cannot attach its volume; its error on all who tell it."""
    pod = stuck_pod(world)
    detach(world)
    at = stamp(world.now - timedelta(seconds=41))
    world.add(
        "VolumeAttachment",
        attachment_name(_handle(world), NODE),
        age=INCIDENT,
        spec={"attacher": DRIVER, "nodeName": NODE, "source": {"persistentVolumeName": PV}},
        status={"attached": False, **({"attachError": {"message": error, "time": at}} if error else {})},
    )
    if error:
        said = f'AttachVolume.Attach failed for volume "{PV}" : {error}'
        world.event(pod, "FailedAttachVolume", said, component="attachdetach-controller")
    return pod


def detach_refused(world: World) -> None:
    """The volume is to leave its old node, and the driver has no credentials to detach it."""
    left = world.get("VolumeAttachment", attachment_name(VOLUME, NODE))
    left["metadata"].update(
        deletionTimestamp=stamp(world.now - INCIDENT), finalizers=["external-attacher/ebs-csi-aws-com"]
    )
    could_not = f'ould not detach volume "{VOLUME}" from node "{INSTANCE}": '
    message = (
        f"rpc error: code = Internal desc = C{could_not}error listing AWS instances: operation error EC2: "
        "DescribeInstances, get identity: get credentials: failed to refresh cached credentials, failed to "
        f"retrieve credentials, operation error STS: AssumeRoleWithWebIdentity, {NOT_AUTHORIZED}"
    )
    left["status"]["detachError"] = {"message": message, "time": stamp(world.now - timedelta(seconds=41))}


def _handle(world: World) -> str:
    return str(world.get("PersistentVolume", PV)["spec"]["csi"]["volumeHandle"])


def attach_error(code: str, words: str, *, handle: str = VOLUME) -> str:
    """What the driver says when EC2 refuses AttachVolume."""
    could_not = f'ould not attach volume "{handle}" to node "{INSTANCE}": '
    return (
        f"rpc error: code = Internal desc = C{could_not}c{could_not}operation error EC2: AttachVolume, "
        f"https response error StatusCode: 400, RequestID: {REQUEST}, api error {code}: {words}"
    )


def use_deployment(world: World) -> tuple[Manifest, Manifest]:
    """The shop's volume belongs to Deployment catalog: its old pod runs, its new one waits elsewhere."""
    world.remove("Pod", "orders-0", "shop")
    world.remove("StatefulSet", "orders", "shop")
    second_node(world)
    labels = {"app": "catalog"}
    spec = {
        **pod_spec("default", ("orders",)),
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-orders-0"}}],
    }
    template = {"metadata": {"labels": labels}, "spec": spec}
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    deployment = world.add(
        "Deployment",
        "catalog",
        "shop",
        spec={"replicas": 1, "selector": {"matchLabels": labels}, "strategy": rolling, "template": template},
        status={"replicas": 2, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 1},
    )
    old = _replica(world, deployment, "5d8c7f6b9", "q8w2z", NODE, ready=1)
    new = _replica(world, deployment, "7c6b5d4f8", "h4t6m", SECOND_NODE, ready=0)
    stuck_pod(world, new["metadata"]["name"])
    return old, new


def _replica(world: World, deployment: Manifest, digest: str, end: str, node: str, *, ready: int) -> Manifest:
    labels = {**deployment["spec"]["selector"]["matchLabels"], "pod-template-hash": digest}
    template = deployment["spec"]["template"]
    replica_set = world.add(
        "ReplicaSet",
        f"catalog-{digest}",
        "shop",
        metadata={"labels": labels, "ownerReferences": [owner(deployment)]},
        spec={
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {**template, "metadata": {"labels": labels}},
        },
        status={"replicas": 1, "readyReplicas": ready},
    )
    return add_pod(world, f"catalog-{digest}-{end}", "shop", labels, replica_set, node, template["spec"])


def multi_attach(world: World, pod: Manifest, users: Sequence[str] = ()) -> None:
    """The attach-detach controller refuses to attach the volume a second time."""
    why = (
        f"Volume is already used by pod(s) {', '.join(users)}"
        if users
        else "Volume is already exclusively attached to one node and can't be attached to another"
    )
    world.event(
        pod, "FailedAttachVolume", f'Multi-Attach error for volume "{PV}" {why}',
        component="attachdetach-controller", count=1, ago=timedelta(minutes=52),
    )  # fmt: skip


def another_volume(world: World, name: str, *, volume: str, labels: dict[str, str] | None = None) -> Manifest:
    """One more StatefulSet like the shop's, its pod on the same node with a volume of its own."""
    marks = {"app": name, **(labels or {})}
    claim_name, pv = f"data-{name}-0", f"pvc-{volume.removeprefix('vol-')}"
    template = {"metadata": {"labels": marks}, "spec": pod_spec("default", ("orders",))}
    stateful_set = world.add(
        "StatefulSet",
        name,
        "shop",
        spec={
            "replicas": 1,
            "serviceName": name,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim_spec()}],
        },
        status={"replicas": 1, "readyReplicas": 1},
    )
    spec: dict[str, Any] = {
        **pod_spec("default", ("orders",)),
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim_name}}],
    }
    pod = add_pod(world, f"{name}-0", "shop", marks, stateful_set, NODE, spec)
    for kind, old, new, place in (
        ("PersistentVolumeClaim", "data-orders-0", claim_name, "shop"),
        ("PersistentVolume", PV, pv, ""),
        ("VolumeAttachment", attachment_name(VOLUME, NODE), attachment_name(volume, NODE), ""),
    ):
        body = copy.deepcopy(world.get(kind, old, place))
        metadata = {k: v for k, v in body["metadata"].items() if k in ("annotations", "labels")}
        world.add(kind, new, place, metadata=metadata, spec=body["spec"], status=body["status"])
    claim = world.get("PersistentVolumeClaim", claim_name, "shop")
    claim["spec"]["volumeName"] = pv
    bound = world.get("PersistentVolume", pv)["spec"]
    bound["claimRef"].update(name=claim_name, uid=claim["metadata"]["uid"])
    bound["csi"]["volumeHandle"] = volume
    world.get("VolumeAttachment", attachment_name(volume, NODE))["spec"]["source"]["persistentVolumeName"] = (
        pv
    )
    world.aws["volumes"][volume] = copy.deepcopy(world.aws["volumes"][VOLUME])
    world.aws["volumes"][volume]["Attachments"][0]["Device"] = "/dev/xvdab"
    status = world.get("Node", NODE)["status"]
    status["volumesAttached"].append({"name": f"kubernetes.io/csi/{DRIVER}^{volume}", "devicePath": ""})
    status["volumesInUse"].append(f"kubernetes.io/csi/{DRIVER}^{volume}")
    return pod
