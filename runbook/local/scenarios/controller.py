"""Faults of the driver's controller and of its installation."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from runbook.evidence.ebs.attachments import attachment_name
from runbook.local.account import DRIVER_ROLE, VOLUME, ZONES, trust_policy
from runbook.local.breaking import (
    INCIDENT,
    claim_waits,
    controller_down,
    no_controller,
    web_identity_refused,
)
from runbook.local.healthy import (
    CONTROLLER_PODS,
    SYSTEM,
    condition,
    running,
)
from runbook.local.scenarios import scenario
from runbook.local.scenarios.identity import DRIVER_DOWN
from runbook.local.world import DRIVER, Manifest, World

_AUTO = "ebs.csi.eks.amazonaws.com"
_, _, _NODE = ZONES["us-east-1a"]
_WAITS = ("ebs.provisioning.bound", "ebs.target.ready")


def _uninstall(world: World) -> None:
    no_controller(world)
    world.remove("ServiceAccount", "ebs-csi-controller-sa", SYSTEM)
    del world.aws["addons"]["aws-ebs-csi-driver"]


def _addon(world: World) -> dict[str, Any]:
    addon: dict[str, Any] = world.aws["addons"]["aws-ebs-csi-driver"]
    return addon


@scenario(verdict="faulty", causes=["ebs.controller.installed"], consequences=_WAITS)
def not_installed(world: World) -> None:
    """The driver is not installed."""
    _uninstall(world)
    world.remove("DaemonSet", "ebs-csi-node", SYSTEM)
    world.remove("CSIDriver", DRIVER)
    for pod in [p for p in world.of("Pod") if p["metadata"]["name"].startswith("ebs-csi-node-")]:
        world.remove("Pod", pod["metadata"]["name"], SYSTEM)
    for node in world.of("CSINode"):
        node["spec"]["drivers"] = []
    claim_waits(world)


@scenario(verdict="healthy")
def installed_elsewhere(world: World) -> None:
    """The driver is installed by Helm under another name and in another namespace."""
    world.add("Namespace", "storage", status={"phase": "Active"})
    for kind, name in (("Deployment", "ebs-csi-controller"), ("ReplicaSet", "ebs-csi-controller-6c7f9b5d4")):
        body = world.objects.pop((kind, SYSTEM, name))
        moved = name.replace("ebs-csi", "aws-ebs-csi-driver")
        body["metadata"].update(name=moved, namespace="storage")
        _rename_owner(body)
        world.objects[(kind, "storage", moved)] = body
    for name in CONTROLLER_PODS:
        body = world.objects.pop(("Pod", SYSTEM, name))
        body["metadata"]["namespace"] = "storage"
        _rename_owner(body)
        world.objects[("Pod", "storage", name)] = body
    account = world.objects.pop(("ServiceAccount", SYSTEM, "ebs-csi-controller-sa"))
    account["metadata"]["namespace"] = "storage"
    world.objects[("ServiceAccount", "storage", "ebs-csi-controller-sa")] = account
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(
        subject="system:serviceaccount:storage:ebs-csi-controller-sa"
    )
    del world.aws["addons"]["aws-ebs-csi-driver"]


def _rename_owner(body: Manifest) -> None:
    for owner in body["metadata"].get("ownerReferences", ()):
        owner["name"] = owner["name"].replace("ebs-csi", "aws-ebs-csi-driver")


@scenario(verdict="faulty", causes=["ebs.controller.scaled"], consequences=_WAITS)
def scaled_to_zero(world: World) -> None:
    """Somebody scaled the controller to zero."""
    no_controller(world, replicas=0)
    claim_waits(world)


@scenario(
    verdict="faulty", causes=["ebs.controller.metadata"], consequences=["ebs.controller.ready", *_WAITS]
)
def metadata_unavailable(world: World) -> None:
    """The controller reads the metadata neither from the instance nor from Kubernetes."""
    controller_down(world, {"ebs-plugin": 14, "csi-provisioner": 12, "csi-attacher": 12})
    for pod in CONTROLLER_PODS:
        for previous in (False, True):
            world.log(
                pod,
                "ebs-plugin",
                [
                    (
                        'E1121 06:29:17.104422       1 metadata.go:98] "Retrieving IMDS metadata failed" '
                        'err="could not get IMDS metadata: operation error ec2imds: GetInstanceIdentityDocument, canceled, '
                        'context deadline exceeded"'
                    ),
                    (
                        'E1121 06:29:19.217301       1 main.go:187] "Failed to initialize metadata when it is required" '
                        "err=\"all specified --metadata-sources '[imds kubernetes]' are unavailable\""
                    ),
                ],
                previous=previous,
            )
    claim_waits(world)


@scenario(verdict="inconclusive", consequences=["ebs.controller.ready", "ebs.controller.sidecars", *_WAITS])
def provisioner_crashes(world: World) -> None:
    """csi-provisioner alone crashes, having lost its leadership again and again; why is not seen."""
    controller_down(world, {"csi-provisioner": 21})
    for pod in CONTROLLER_PODS:
        for previous in (False, True):
            world.log(
                pod, "csi-provisioner", ["E1121 06:29:19.441201       1 leader_election.go:184] stopped leading"],
                previous=previous,
            )  # fmt: skip
    claim_waits(world)


@scenario(verdict="healthy")
def restarted_long_ago(world: World) -> None:
    """The controller restarted for want of credentials last week, and has been ready since."""
    for pod in CONTROLLER_PODS:
        statuses = world.get("Pod", pod, SYSTEM)["status"]["containerStatuses"]
        statuses[:] = [running(one["name"], world.now - timedelta(days=6), restarts=31) for one in statuses]
        world.log(
            pod, "ebs-plugin",
            [('E1115 06:29:19.182734       1 driver.go:108] "GRPC error" err="rpc error: code = FailedPrecondition desc = '
             "Failed health check (verify network connection and IAM credentials): dry-run EC2 API call failed: "
             'operation error EC2: DescribeAvailabilityZones, context deadline exceeded"')],
            previous=True,
        )  # fmt: skip


@scenario(verdict="inconclusive", consequences=["ebs.controller.rolling"])
def rollout_stuck(world: World) -> None:
    """A new version of the controller does not come up; the old one still works."""
    deployment = world.get("Deployment", "ebs-csi-controller", SYSTEM)
    deployment["status"].update(replicas=3, unavailableReplicas=1)
    deployment["status"]["conditions"][1] = condition(
        "Progressing", False, world.now - INCIDENT, reason="ProgressDeadlineExceeded",
        message='ReplicaSet "ebs-csi-controller-58d6c9f7b" has timed out progressing.',
    )  # fmt: skip


@scenario(verdict="faulty", causes=["ebs.controller.addon_manageable"])
def addon_conflict(world: World) -> None:
    """EKS cannot update the add-on, because Helm owns some of its fields."""
    _addon(world).update(
        status="UPDATE_FAILED",
        health={
            "issues": [
                {
                    "code": "ConfigurationConflict",
                    "message": "Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. "
                    'Conflicts: Deployment.apps ebs-csi-controller - .spec.template.spec.containers[name="ebs-plugin"].image',
                    "resourceIds": ["Deployment.apps/ebs-csi-controller"],
                }
            ]
        },
    )


@scenario(
    verdict="faulty",
    causes=["ebs.identity.web_identity_audience"],
    consequences=[*DRIVER_DOWN, "ebs.controller.addon_settled"],
)
def addon_degraded(world: World) -> None:
    """The add-on is degraded, because the driver's role trusts another audience."""
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(audience="sts.amazonaws.com ")
    web_identity_refused(world)
    issue = {
        "code": "InsufficientNumberOfReplicas",
        "message": "The add-on is unhealthy because it doesn't have the desired number of replicas.",
        "resourceIds": [],
    }
    _addon(world).update(status="DEGRADED", health={"issues": [issue]})


@scenario(
    verdict="faulty", causes=["ebs.controller.metadata"], consequences=["ebs.controller.ready", *_WAITS]
)
def metadata_unavailable_older_driver(world: World) -> None:
    """The same fault in the words of an older driver, which panics."""
    controller_down(world, {"ebs-plugin": 14, "csi-provisioner": 12, "csi-attacher": 12})
    line = (
        'E1121 06:29:19.311872       1 controller.go:87] "Could not determine region from any metadata service. The '
        'region can be manually supplied via the AWS_REGION environment variable." '
        'err="EC2 instance metadata is not available"'
    )
    for pod in CONTROLLER_PODS:
        for previous in (False, True):
            world.log(pod, "ebs-plugin", [line], previous=previous)
    claim_waits(world)


@scenario(verdict="healthy")
def auto_mode(world: World) -> None:
    """EKS Auto Mode attaches the volumes; no driver is installed, and none is needed."""
    _uninstall(world)
    world.remove("DaemonSet", "ebs-csi-node", SYSTEM)
    for pod in [p for p in world.of("Pod") if p["metadata"]["name"].startswith("ebs-csi-node-")]:
        world.remove("Pod", pod["metadata"]["name"], SYSTEM)
    world.aws["cluster"]["storageConfig"] = {"blockStorage": {"enabled": True}}
    world.aws["cluster"]["computeConfig"] = {"enabled": True}
    world.remove("CSIDriver", DRIVER)
    for kind in ("StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CSINode", "Node"):
        for body in world.of(kind):
            _of_auto_mode(body)
    attachment = world.objects.pop(("VolumeAttachment", "", attachment_name(VOLUME, _NODE)))
    attachment["spec"]["attacher"] = _AUTO
    name = "csi-" + hashlib.sha256(f"{VOLUME}{_AUTO}{_NODE}".encode()).hexdigest()
    attachment["metadata"]["name"] = name
    world.objects["VolumeAttachment", "", name] = attachment


def _of_auto_mode(body: Manifest) -> None:
    match body:
        case {"kind": "Node", "status": status, "metadata": metadata}:
            metadata["labels"]["eks.amazonaws.com/compute-type"] = "auto"
            for one in status["volumesAttached"]:
                one["name"] = one["name"].replace(DRIVER, _AUTO)
            status["volumesInUse"] = [name.replace(DRIVER, _AUTO) for name in status["volumesInUse"]]
        case {"kind": "CSINode", "spec": spec}:
            spec["drivers"][0]["name"] = _AUTO
        case {"kind": "StorageClass"}:
            body["provisioner"] = _AUTO
        case {"kind": "PersistentVolume", "spec": spec, "metadata": metadata}:
            spec["csi"]["driver"] = metadata["annotations"]["pv.kubernetes.io/provisioned-by"] = _AUTO
        case {"kind": "PersistentVolumeClaim", "metadata": metadata}:
            metadata["annotations"]["volume.kubernetes.io/storage-provisioner"] = _AUTO
