"""The healthy cluster: three nodes, the EBS CSI driver, and a shop whose orders lie on a volume."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from runbook.evidence.ebs.attachments import attachment_name
from runbook.local.account import DRIVER_ROLE, REGION, VOLUME, ZONES, account, role_arn
from runbook.local.world import DRIVER, STORY_TIME, Manifest, World, stamp

SYSTEM = "kube-system"
CONTROLLER_PODS = ("ebs-csi-controller-6c7f9b5d4-2xk8p", "ebs-csi-controller-6c7f9b5d4-9hq7w")
CONTROLLER_CONTAINERS = (
    "ebs-plugin", "csi-provisioner", "csi-attacher", "csi-snapshotter", "csi-resizer", "liveness-probe",
)  # fmt: skip
#: What the Helm chart and the add-on give ebs-plugin; hardly anybody has Secret aws-secret.
CHART_ENV: tuple[dict[str, Any], ...] = (
    {"name": "CSI_ENDPOINT", "value": "unix:///var/lib/csi/sockets/pluginproxy/csi.sock"},
    {"name": "CSI_NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    *(
        {"name": name, "valueFrom": {"secretKeyRef": {"name": "aws-secret", "key": key, "optional": True}}}
        for name, key in (("AWS_ACCESS_KEY_ID", "key_id"), ("AWS_SECRET_ACCESS_KEY", "access_key"))
    ),
)
NODE_CONTAINERS = ("ebs-plugin", "node-driver-registrar", "liveness-probe")
REGISTRY = "602401143452.dkr.ecr.us-east-1.amazonaws.com/eks"
IMAGES = {"ebs-plugin": f"{REGISTRY}/aws-ebs-csi-driver:v1.64.0"}
PV = "pvc-5f0c1b8e-7d2a-4c63-9a51-0b6f1d2e3c4a"
WEB_IDENTITY = {
    "AWS_REGION": REGION,
    "AWS_ROLE_ARN": role_arn(DRIVER_ROLE),
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
}


def healthy(now: datetime = STORY_TIME) -> World:
    """A world in which nothing is wrong."""
    world = World(now=now, aws=account())
    for namespace in ("default", SYSTEM, "kube-node-lease", "kube-public", "shop"):
        world.add("Namespace", namespace, status={"phase": "Active"})
        world.add("ServiceAccount", "default", namespace)
    for zone, (_, instance, node) in ZONES.items():
        _node(world, zone, instance, node)
    _classes(world)
    _controller(world)
    _node_plugin(world)
    _shop(world)
    return world


def _node(world: World, zone: str, instance: str, name: str) -> None:
    labels = {
        "kubernetes.io/hostname": name,
        "topology.kubernetes.io/zone": zone,
        "topology.kubernetes.io/region": REGION,
        "node.kubernetes.io/instance-type": "m5.large",
    }
    attached = (
        [{"name": f"kubernetes.io/csi/{DRIVER}^{VOLUME}", "devicePath": ""}] if zone.endswith("a") else []
    )
    capacity = {"cpu": "2", "memory": "7900Mi", "pods": "29", "ephemeral-storage": "80Gi"}
    world.add(
        "Node",
        name,
        metadata={
            "labels": labels,
            "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
        },
        spec={"providerID": f"aws:///{zone}/{instance}"},
        status={
            "capacity": capacity,
            "allocatable": capacity,
            "addresses": [
                {"type": "InternalIP", "address": name.removeprefix("ip-").split(".")[0].replace("-", ".")}
            ],
            "conditions": [condition("Ready", True, world.now - timedelta(days=9), reason="KubeletReady")],
            "nodeInfo": {
                "kubeletVersion": "v1.34.4-eks-1234567",
                "osImage": "Amazon Linux 2023",
                "architecture": "amd64",
            },
            "volumesAttached": attached,
            "volumesInUse": [a["name"] for a in attached],
        },
    )
    world.add(
        "CSINode",
        name,
        spec={
            "drivers": [
                {
                    "name": DRIVER,
                    "nodeID": instance,
                    "topologyKeys": ["topology.kubernetes.io/zone"],
                    "allocatable": {"count": 25},
                }
            ]
        },
    )


def _classes(world: World) -> None:
    world.add(
        "CSIDriver", DRIVER, spec={"attachRequired": True, "podInfoOnMount": False, "fsGroupPolicy": "File"}
    )
    for name, default in (("gp2", "false"), ("gp3", "true")):
        world.add(
            "StorageClass",
            name,
            metadata={"annotations": {"storageclass.kubernetes.io/is-default-class": default}},
            provisioner=DRIVER,
            parameters={"type": name},
            reclaimPolicy="Delete",
            volumeBindingMode="WaitForFirstConsumer",
        )


def _controller(world: World) -> None:
    labels = {"app": "ebs-csi-controller"}
    world.add(
        "ServiceAccount",
        "ebs-csi-controller-sa",
        SYSTEM,
        metadata={"annotations": {"eks.amazonaws.com/role-arn": role_arn(DRIVER_ROLE)}},
    )
    world.add(
        "Deployment",
        "ebs-csi-controller",
        SYSTEM,
        metadata={"labels": {"app.kubernetes.io/name": "aws-ebs-csi-driver", **labels}},
        spec={
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": controller_spec()},
        },
        status={
            "replicas": 2,
            "readyReplicas": 2,
            "availableReplicas": 2,
            "conditions": [
                condition(
                    "Available", True, world.now - timedelta(days=9), reason="MinimumReplicasAvailable"
                ),
                condition(
                    "Progressing", True, world.now - timedelta(days=9), reason="NewReplicaSetAvailable"
                ),
            ],
        },
    )
    replica_set = world.add(
        "ReplicaSet",
        "ebs-csi-controller-6c7f9b5d4",
        SYSTEM,
        metadata={
            "labels": labels,
            "ownerReferences": [owner(world.get("Deployment", "ebs-csi-controller", SYSTEM))],
        },
        spec={
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": controller_spec()},
        },
        status={"replicas": 2, "readyReplicas": 2},
    )
    for name, (_, _, node) in zip(CONTROLLER_PODS, list(ZONES.values())[1:], strict=True):
        add_pod(world, name, SYSTEM, labels, replica_set, node, controller_spec())
        give_env(world, WEB_IDENTITY)


def controller_spec() -> dict[str, Any]:
    """The spec of the controller's pods, before EKS adds an identity to them."""
    spec = pod_spec("ebs-csi-controller-sa", CONTROLLER_CONTAINERS)
    spec["containers"][0]["env"] = [*CHART_ENV]
    return spec


def give_env(world: World, variables: dict[str, str]) -> None:
    """What EKS adds to ebs-plugin in the controller's pods, in place of what it added before."""
    added = [{"name": name, "value": value} for name, value in variables.items()]
    for pod in world.of("Pod"):
        if pod["metadata"]["name"] in CONTROLLER_PODS:
            pod["spec"]["containers"][0]["env"] = [*CHART_ENV, *added]


def _node_plugin(world: World) -> None:
    labels = {"app": "ebs-csi-node"}
    world.add("ServiceAccount", "ebs-csi-node-sa", SYSTEM)
    daemon_set = world.add(
        "DaemonSet",
        "ebs-csi-node",
        SYSTEM,
        metadata={"labels": {"app.kubernetes.io/name": "aws-ebs-csi-driver", **labels}},
        spec={
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": pod_spec("ebs-csi-node-sa", NODE_CONTAINERS),
            },
        },
        status={
            "desiredNumberScheduled": len(ZONES),
            "currentNumberScheduled": len(ZONES),
            "numberReady": len(ZONES),
            "numberMisscheduled": 0,
        },
    )
    for name, (_, _, node) in zip(("4kq2s", "7tz9m", "c5v8x"), ZONES.values(), strict=True):
        spec = pod_spec("ebs-csi-node-sa", NODE_CONTAINERS)
        add_pod(world, f"ebs-csi-node-{name}", SYSTEM, labels, daemon_set, node, spec)


def _shop(world: World) -> None:
    labels = {"app": "orders"}
    _, _, node = ZONES["us-east-1a"]
    volume_source = {"name": "data", "persistentVolumeClaim": {"claimName": "data-orders-0"}}
    template = {"metadata": {"labels": labels}, "spec": pod_spec("default", ("orders",))}
    stateful_set = world.add(
        "StatefulSet",
        "orders",
        "shop",
        spec={
            "replicas": 1,
            "serviceName": "orders",
            "selector": {"matchLabels": labels},
            "template": template,
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim_spec()}],
        },
        status={"replicas": 1, "readyReplicas": 1},
    )
    spec = {**pod_spec("default", ("orders",)), "volumes": [volume_source]}
    add_pod(world, "orders-0", "shop", labels, stateful_set, node, spec)
    add_volume(world, node)


def add_volume(world: World, node: str) -> None:
    """The claim data-orders-0, bound and attached to the node."""
    claim = world.add(
        "PersistentVolumeClaim",
        "data-orders-0",
        "shop",
        metadata={
            "annotations": {
                "pv.kubernetes.io/bind-completed": "yes",
                "volume.kubernetes.io/selected-node": node,
                "volume.kubernetes.io/storage-provisioner": DRIVER,
            }
        },
        spec={**claim_spec(), "volumeName": PV},
        status={"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "20Gi"}},
    )
    zone = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-1a"]}
    world.add(
        "PersistentVolume",
        PV,
        metadata={"annotations": {"pv.kubernetes.io/provisioned-by": DRIVER}},
        spec={
            "capacity": {"storage": "20Gi"},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "gp3",
            "persistentVolumeReclaimPolicy": "Delete",
            "claimRef": {
                "kind": "PersistentVolumeClaim",
                "apiVersion": "v1",
                "namespace": "shop",
                "name": "data-orders-0",
                "uid": claim["metadata"]["uid"],
            },
            "csi": {"driver": DRIVER, "volumeHandle": VOLUME, "fsType": "ext4"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}},
        },
        status={"phase": "Bound"},
    )
    attach(world, node)


def attach(world: World, node: str) -> None:
    """The VolumeAttachment of the shop's volume to a node."""
    world.add(
        "VolumeAttachment",
        attachment_name(VOLUME, node),
        spec={"attacher": DRIVER, "nodeName": node, "source": {"persistentVolumeName": PV}},
        status={"attached": True},
    )


def claim_spec() -> dict[str, Any]:
    """The spec of the shop's claims."""
    return {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "gp3",
        "volumeMode": "Filesystem",
        "resources": {"requests": {"storage": "20Gi"}},
    }


def pod_spec(account: str, containers: tuple[str, ...]) -> dict[str, Any]:
    """A pod's spec with these containers."""
    return {
        "serviceAccountName": account,
        "containers": [
            {"name": name, "image": IMAGES.get(name, f"{REGISTRY}/{name}:v1")} for name in containers
        ],
    }


def add_pod(
    world: World,
    name: str,
    namespace: str,
    labels: dict[str, str],
    controller: Manifest,
    node: str,
    spec: dict[str, Any],
) -> Manifest:
    """A running pod of a controller."""
    since = world.now - timedelta(days=9)
    return world.add(
        "Pod",
        name,
        namespace,
        metadata={"labels": labels, "ownerReferences": [owner(controller)]},
        spec={**spec, "nodeName": node},
        status={
            "phase": "Running",
            "startTime": stamp(since),
            "conditions": [
                condition(kind, True, since)
                for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
            ],
            "containerStatuses": [running(c["name"], since) for c in spec["containers"]],
        },
    )


def running(name: str, since: datetime, restarts: int = 0) -> dict[str, Any]:
    """The status of a container that runs."""
    return {
        "name": name,
        "image": IMAGES.get(name, f"{REGISTRY}/{name}:v1"),
        "imageID": "",
        "ready": True,
        "started": True,
        "restartCount": restarts,
        "state": {"running": {"startedAt": stamp(since)}},
    }


def owner(controller: Manifest) -> dict[str, Any]:
    """An owner reference to a controller."""
    return {
        "apiVersion": controller["apiVersion"],
        "kind": controller["kind"],
        "name": controller["metadata"]["name"],
        "uid": controller["metadata"]["uid"],
        "controller": True,
    }


def condition(kind: str, holds: bool, since: datetime, **more: str) -> dict[str, str]:
    """A condition of an object's status."""
    return {"type": kind, "status": str(holds), "lastTransitionTime": stamp(since), **more}
