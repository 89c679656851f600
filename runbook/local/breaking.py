"""What breaks in a world, in the exact words of the components: parts that scenarios are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from runbook.evidence.ebs.attachments import attachment_name
from runbook.local.account import ACCOUNT, NODE_ROLE, VOLUME, ZONES
from runbook.local.healthy import CONTROLLER_PODS, PV, SYSTEM, condition, give_env
from runbook.local.world import DRIVER, Manifest, World, stamp

INCIDENT = timedelta(minutes=52)
REQUEST = "3f1c2a9e-8b7d-4e65-9c10-d2a4b6c8e0f1"
NOT_AUTHORIZED = (
    f"https response error StatusCode: 403, RequestID: {REQUEST}, "
    "api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
)
EXTERNAL_PROVISIONING = (
    f"Waiting for a volume to be created either by the external provisioner '{DRIVER}' or manually by the system "
    "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
)


def waiting_pod(
    world: World, name: str = "orders-0", namespace: str = "shop", *, unschedulable: str = ""
) -> Manifest:
    """The pod was made anew and waits, not yet on a node."""
    pod = world.get("Pod", name, namespace)
    since = world.now - INCIDENT
    pod["metadata"]["creationTimestamp"] = stamp(since)
    pod["spec"].pop("nodeName", None)
    conditions = []
    if unschedulable:
        conditions = [condition("PodScheduled", False, since, reason="Unschedulable", message=unschedulable)]
        world.event(pod, "FailedScheduling", unschedulable, component="default-scheduler")
    pod["status"] = {"phase": "Pending", "conditions": conditions}
    if owner := pod["metadata"].get("ownerReferences"):
        world.get(owner[0]["kind"], owner[0]["name"], namespace)["status"]["readyReplicas"] = 0
    return pod


def stuck_pod(world: World, name: str = "orders-0", namespace: str = "shop") -> Manifest:
    """The pod is on its node, where its containers do not start."""
    pod = world.get("Pod", name, namespace)
    node = pod["spec"]["nodeName"]
    waiting_pod(world, name, namespace)
    since = world.now - INCIDENT
    pod["spec"]["nodeName"] = node
    pod["status"]["conditions"] = [
        condition("PodScheduled", True, since),
        condition("Ready", False, since, reason="ContainersNotReady"),
    ]
    pod["status"]["containerStatuses"] = [
        container("orders", waiting="ContainerCreating"),
    ]
    return pod


def crash_application(world: World, *, init: str = "") -> None:
    """The shop's application crashes by itself, or an init container of this name before it."""
    pod = world.get("Pod", "orders-0", "shop")
    since = world.now - INCIDENT
    pod["status"]["conditions"] = [
        condition("PodScheduled", True, since),
        condition("Ready", False, since, reason="ContainersNotReady"),
    ]
    crashing = container(
        init or "orders", waiting="CrashLoopBackOff", restarts=15,
        message=f"back-off 5m0s restarting failed container={init or 'orders'}",
    )  # fmt: skip
    pod["status"]["containerStatuses"] = [crashing]
    if init:
        (application,) = pod["spec"]["containers"]
        pod["spec"]["initContainers"] = [{**application, "name": init}]
        pod["status"]["phase"] = "Pending"
        pod["status"]["initContainerStatuses"] = [crashing]
        pod["status"]["containerStatuses"] = [container("orders", waiting="PodInitializing")]
    world.get("StatefulSet", "orders", "shop")["status"]["readyReplicas"] = 0


def unbound_claim(world: World, *, external: bool = True) -> Manifest:
    """The shop's claim was made anew and has no volume; the old one is gone."""
    claim = world.get("PersistentVolumeClaim", "data-orders-0", "shop")
    claim["metadata"]["creationTimestamp"] = stamp(world.now - INCIDENT)
    claim["metadata"]["annotations"].pop("pv.kubernetes.io/bind-completed", None)
    claim["spec"].pop("volumeName", None)
    claim["status"] = {"phase": "Pending"}
    detach(world)
    world.remove("PersistentVolume", PV)
    del world.aws["volumes"][VOLUME]
    if external:
        world.event(
            claim, "ExternalProvisioning", EXTERNAL_PROVISIONING,
            component="persistentvolume-controller", normal=True, count=212,
        )  # fmt: skip
    return claim


def detach(world: World) -> None:
    """The shop's volume is attached nowhere."""
    for _, _, node in ZONES.values():
        world.objects.pop(("VolumeAttachment", "", attachment_name(VOLUME, node)), None)
        status = world.get("Node", node)["status"]
        status["volumesAttached"] = status["volumesInUse"] = []
    if VOLUME in world.aws["volumes"]:
        world.aws["volumes"][VOLUME].update(State="available", Attachments=[])


def container(
    name: str,
    *,
    waiting: str = "",
    message: str = "",
    restarts: int = 0,
    exit_code: int = 1,
    reason: str = "Error",
) -> dict[str, Any]:
    """The status of a container that does not run."""
    state = {"waiting": {"reason": waiting, **({"message": message} if message else {})}}
    last = {"terminated": {"exitCode": exit_code, "reason": reason}} if restarts else {}
    return {
        "name": name, "image": "", "imageID": "", "ready": False, "started": False, "restartCount": restarts,
        "state": state, "lastState": last,
    }  # fmt: skip


def controller_down(world: World, crashing: dict[str, int]) -> None:
    """No replica of the controller is ready; these containers crash, with so many restarts."""
    for kind, name in (("Deployment", "ebs-csi-controller"), ("ReplicaSet", "ebs-csi-controller-6c7f9b5d4")):
        world.get(kind, name, SYSTEM)["status"]["readyReplicas"] = 0
    since = world.now - INCIDENT
    deployment = world.get("Deployment", "ebs-csi-controller", SYSTEM)
    deployment["status"]["availableReplicas"] = 0
    deployment["status"]["conditions"][0] = condition(
        "Available", False, since, reason="MinimumReplicasUnavailable"
    )
    for name in CONTROLLER_PODS:
        status = world.get("Pod", name, SYSTEM)["status"]
        status["conditions"][2:] = [
            condition(kind, False, since, reason="ContainersNotReady")
            for kind in ("ContainersReady", "Ready")
        ]
        status["containerStatuses"] = [
            container(one["name"], waiting="CrashLoopBackOff", restarts=crashing[one["name"]],
                      message=f"back-off 5m0s restarting failed container={one['name']}")
            if one["name"] in crashing else one
            for one in status["containerStatuses"]
        ]  # fmt: skip


def no_credentials(world: World, refusal: str) -> None:
    """A current driver whose credentials fail: health check, crashing sidecars, a claim that only waits."""
    check = (
        "rpc error: code = FailedPrecondition desc = Failed health check (verify network connection and IAM "
        f"credentials): dry-run EC2 API call failed: operation error EC2: DescribeAvailabilityZones, {refusal}"
    )
    controller_down(world, {"csi-provisioner": 18, "csi-attacher": 18, "ebs-plugin": 9})
    at = stamp(world.now - timedelta(seconds=41))
    for pod in CONTROLLER_PODS:
        for previous in (False, True):
            world.log(
                pod,
                "ebs-plugin",
                [f'E1121 {at[11:19]}.182734       1 driver.go:108] "GRPC error" err="{check}"'],
                previous=previous,
            )
            for sidecar in ("csi-provisioner", "csi-attacher"):
                world.log(
                    pod,
                    sidecar,
                    [f"E1121 {at[11:19]}.441201       1 main.go:312] CSI driver probe failed: {check}"],
                    previous=previous,
                )
        world.event(
            world.get("Pod", pod, SYSTEM), "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500",
            component="kubelet", count=88,
        )  # fmt: skip
    waiting_pod(world)
    unbound_claim(world)


def web_identity_refused(world: World, refusal: str = NOT_AUTHORIZED) -> None:
    """A current driver to which STS gives no credentials."""
    no_credentials(
        world,
        "get identity: get credentials: failed to refresh cached credentials, failed to retrieve credentials, "
        f"operation error STS: AssumeRoleWithWebIdentity, {refusal}",
    )


def provisioning_refused(world: World, message: str) -> None:
    """An older driver runs, and says on the claim why it makes no volume."""
    waiting_pod(world)
    claim = unbound_claim(world)
    world.event(
        claim, "ProvisioningFailed", f'failed to provision volume with StorageClass "gp3": {message}',
        component=f"{DRIVER}_{CONTROLLER_PODS[0]}_8a1d",
    )  # fmt: skip


def without_identity(world: World, *, addon_role: str = "") -> None:
    """Nothing gives the controller a role: no annotation, and pods that were made since."""
    world.get("ServiceAccount", "ebs-csi-controller-sa", SYSTEM)["metadata"].pop("annotations")
    give_env(world, {})
    addon = world.aws["addons"]["aws-ebs-csi-driver"]
    del addon["serviceAccountRoleArn"]
    if addon_role:
        addon["serviceAccountRoleArn"] = addon_role


def node_role_refused(world: World) -> None:
    """A current driver that works with its node's role, which EC2 refuses."""
    _, instance, _ = ZONES["us-east-1b"]
    role_refused(world, NODE_ROLE, instance)


def role_refused(world: World, role: str, session: str) -> None:
    """A current driver whose role gives it credentials, but allows it nothing in EC2."""
    no_credentials(
        world,
        f"https response error StatusCode: 403, RequestID: {REQUEST}, api error UnauthorizedOperation: You are not "
        f"authorized to perform this operation. User: arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session} is not "
        "authorized to perform: ec2:DescribeAvailabilityZones because no identity-based policy allows the "
        "ec2:DescribeAvailabilityZones action",
    )


def no_controller(world: World, *, replicas: int | None = None) -> None:
    """The controller has no pods: its Deployment is gone, or wants so many replicas."""
    for name in CONTROLLER_PODS:
        world.remove("Pod", name, SYSTEM)
    for kind, name in (("ReplicaSet", "ebs-csi-controller-6c7f9b5d4"), ("Deployment", "ebs-csi-controller")):
        if replicas is None:
            world.remove(kind, name, SYSTEM)
            continue
        found = world.get(kind, name, SYSTEM)
        found["spec"]["replicas"] = replicas
        found["status"] = {"replicas": 0, "conditions": found["status"].get("conditions", [])}


def claim_waits(world: World) -> None:
    """The pod was made anew and waits for a claim for which nobody makes a volume."""
    waiting_pod(world)
    unbound_claim(world)
