"""Faults of claims, StorageClasses and volumes."""

from __future__ import annotations

from datetime import timedelta

from runbook.local.account import VOLUME
from runbook.local.breaking import INCIDENT, detach, unbound_claim, waiting_pod
from runbook.local.breaking_nodes import NO_PREEMPTION, UNBOUND, attach_error, attach_refused
from runbook.local.healthy import CONTROLLER_PODS, PV, claim_spec, condition, pod_spec
from runbook.local.scenarios import scenario
from runbook.local.world import DRIVER, Manifest, World, stamp

#: What a claim shows that no provisioner feels responsible for, and the pod that waits for it.
UNCLAIMED = ("ebs.provisioning.bound", "ebs.scheduling.scheduled", "ebs.target.ready")
REPORT = {"ApplicationPodName": "report", "ApplicationNamespace": "shop"}


def _unprovided(world: World) -> Manifest:
    """The claim waits, and nobody provides; its pod is not placed."""
    waiting_pod(world, unschedulable=UNBOUND)
    claim = unbound_claim(world, external=False)
    claim["metadata"]["annotations"] = {}
    return claim


@scenario(verdict="faulty", causes=["ebs.provisioning.storage_class_exists"], consequences=UNCLAIMED)
def missing_storage_class(world: World) -> None:
    """The claim names StorageClass gp33; there are gp2 and gp3."""
    claim = _unprovided(world)
    claim["spec"]["storageClassName"] = "gp33"
    template = world.get("StatefulSet", "orders", "shop")["spec"]["volumeClaimTemplates"][0]
    template["spec"]["storageClassName"] = "gp33"
    world.event(
        claim,
        "ProvisioningFailed",
        'storageclass.storage.k8s.io "gp33" not found',
        component="persistentvolume-controller",
        count=204,
    )


@scenario(verdict="faulty", causes=["ebs.provisioning.default_storage_class"], consequences=UNCLAIMED)
def no_default_storage_class(world: World) -> None:
    """The claim names no StorageClass, and the cluster has no default one."""
    claim = _unprovided(world)
    del claim["spec"]["storageClassName"]
    template = world.get("StatefulSet", "orders", "shop")["spec"]["volumeClaimTemplates"][0]
    del template["spec"]["storageClassName"]
    annotations = world.get("StorageClass", "gp3")["metadata"]["annotations"]
    annotations["storageclass.kubernetes.io/is-default-class"] = "false"
    _no_class(world, claim)


@scenario(verdict="inconclusive", consequences=UNCLAIMED)
def static_volume_awaited(world: World) -> None:
    """The claim asks for a static volume (its class is the empty text), and there is none."""
    claim = _unprovided(world)
    claim["spec"]["storageClassName"] = ""
    _no_class(world, claim)


def _no_class(world: World, claim: Manifest) -> None:
    world.event(
        claim,
        "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set",
        component="persistentvolume-controller",
        normal=True,
        count=204,
    )


@scenario(verdict="faulty", causes=["ebs.provisioning.claim_exists"])
def claim_torn_from_running_pod(world: World) -> None:
    """The claim of a running pod was removed by force; its volume is mounted as long as the pod lives."""
    world.remove("PersistentVolumeClaim", "data-orders-0", "shop")
    world.get("PersistentVolume", PV)["status"]["phase"] = "Released"


@scenario(
    verdict="faulty",
    parameters=REPORT,
    causes=["ebs.provisioning.claim_exists"],
    consequences=["ebs.scheduling.scheduled", "ebs.target.ready"],
)
def missing_claim(world: World) -> None:
    """A pod names claim reports; the claim of that name is in another namespace."""
    since = world.now - INCIDENT
    said = '0/3 nodes are available: persistentvolumeclaim "reports" not found.' + NO_PREEMPTION.format(3)
    pod = world.add(
        "Pod",
        "report",
        "shop",
        age=INCIDENT,
        spec={
            **pod_spec("default", ("report",)),
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "reports"}}],
        },
        status={
            "phase": "Pending",
            "conditions": [condition("PodScheduled", False, since, reason="Unschedulable", message=said)],
        },
    )
    world.event(pod, "FailedScheduling", said, component="default-scheduler")
    other = world.add(
        "PersistentVolumeClaim",
        "reports",
        "default",
        age=timedelta(hours=1),
        spec=claim_spec(),
        status={"phase": "Pending"},
    )
    world.event(
        other,
        "WaitForFirstConsumer",
        "waiting for first consumer to be created before binding",
        component="persistentvolume-controller",
        normal=True,
    )


@scenario(
    verdict="faulty",
    causes=["ebs.provisioning.volume_exists"],
    consequences=["ebs.attachments.attached", "ebs.target.ready"],
)
def volume_deleted(world: World) -> None:
    """Somebody has deleted the EBS volume behind the claim."""
    attach_refused(world, attach_error("InvalidVolume.NotFound", f"The volume '{VOLUME}' does not exist."))
    del world.aws["volumes"][VOLUME]


@scenario(
    verdict="faulty",
    causes=["ebs.provisioning.volume_exists"],
    consequences=["ebs.attachments.attached", "ebs.target.ready"],
)
def volume_id_mistyped(world: World) -> None:
    """The PersistentVolume was written by hand, with an id that no volume can have."""
    world.remove("VolumeAttachment", next(k[2] for k in world.objects if k[0] == "VolumeAttachment"))
    handle = VOLUME.replace("a", "o")
    world.get("PersistentVolume", PV)["spec"]["csi"]["volumeHandle"] = handle
    expected = f"Value ({handle}) for parameter volumes is invalid. Expected: 'vol-...'."
    attach_refused(world, attach_error("InvalidParameterValue", expected, handle=handle))


@scenario(verdict="inconclusive", consequences=UNCLAIMED)
def persistent_volume_deleted(world: World) -> None:
    """Somebody has deleted the PersistentVolume; its claim is Lost."""
    detach(world)
    world.remove("PersistentVolume", PV)
    claim = world.get("PersistentVolumeClaim", "data-orders-0", "shop")
    claim["status"]["phase"] = "Lost"
    world.event(
        claim,
        "ClaimLost",
        "Bound claim has lost its PersistentVolume. Data on the volume is lost!",
        component="persistentvolume-controller",
        count=1,
    )
    said = '0/3 nodes are available: persistentvolumeclaim "data-orders-0" bound to non-existent persistentvolume '
    waiting_pod(world, unschedulable=f'{said}"{PV}".{NO_PREEMPTION.format(3)}')


@scenario(verdict="inconclusive", consequences=["ebs.provisioning.bound", "ebs.target.ready"])
def volume_quota_exhausted(world: World) -> None:
    """EC2 makes no more volumes for the account: no check knows that yet, its words are told."""
    waiting_pod(world)
    claim = unbound_claim(world)
    name = f"pvc-{claim['metadata']['uid']}"
    world.event(
        claim,
        "ProvisioningFailed",
        f'rpc error: code = Aborted desc = Could not create volume "{name}": limit exceeded: operation error EC2: '
        "CreateVolume, https response error StatusCode: 400, RequestID: 3f1c2a9e-8b7d-4e65-9c10-d2a4b6c8e0f1, api "
        "error VolumeLimitExceeded: You have exceeded the volume limit",
        component=f"{DRIVER}_{CONTROLLER_PODS[0]}_8a1d",
    )
    claim["metadata"]["creationTimestamp"] = stamp(world.now - INCIDENT)
