"""Volumes that do not get to the pod's node."""

from __future__ import annotations

from datetime import timedelta

from runbook.local.account import DRIVER_ROLE, VOLUME, trust_policy
from runbook.local.breaking import INCIDENT, detach, stuck_pod
from runbook.local.breaking_nodes import (
    NODE,
    SECOND_NODE,
    attach_error,
    attach_refused,
    dead_node,
    detach_refused,
    multi_attach,
    second_node,
    use_deployment,
)
from runbook.local.healthy import PV, attach
from runbook.local.scenarios import scenario
from runbook.local.world import World, stamp

HELD = ("ebs.attachments.attached", "ebs.target.ready")
CATALOG = {"ApplicationPodName": "catalog-7c6b5d4f8-h4t6m", "ApplicationNamespace": "shop"}


@scenario(verdict="faulty", parameters=CATALOG, causes=["ebs.attachments.single_node"], consequences=HELD)
def rolling_update_of_one_volume(world: World) -> None:
    """A Deployment starts its new pod on another node while the old one still holds their volume."""
    old, new = use_deployment(world)
    multi_attach(world, new, [old["metadata"]["name"]])


@scenario(verdict="faulty", parameters=CATALOG, causes=["ebs.attachments.single_node"], consequences=HELD)
def volume_on_dead_node(world: World) -> None:
    """The old pod's node is dead; its pod is to end and cannot."""
    old, new = use_deployment(world)
    dead_node(world)
    old["metadata"].update(
        deletionTimestamp=stamp(world.now - INCIDENT + timedelta(minutes=5)), deletionGracePeriodSeconds=30
    )
    multi_attach(world, new, [old["metadata"]["name"]])


@scenario(verdict="faulty", causes=["ebs.attachments.single_node"], consequences=HELD)
def attachment_left_over(world: World) -> None:
    """The pod moved to another node; no pod is left on the old one, but the volume is."""
    world.get("Pod", "orders-0", "shop")["spec"]["nodeName"] = second_node(world)
    multi_attach(world, stuck_pod(world))


@scenario(verdict="faulty", causes=["ebs.attachments.single_node"], consequences=HELD)
def volume_on_foreign_instance(world: World) -> None:
    """Somebody has attached the volume to an instance that is no node of the cluster."""
    refused = attach_error("VolumeInUse", f"{VOLUME} is already attached to an instance")
    attach_refused(world, refused)
    second_node(world)
    foreign = "i-0eeee1111ffff2222"
    world.aws["instances"][foreign] = {
        **world.aws["instances"]["i-0aaaa1111bbbb2222"],
        "PrivateDnsName": "ip-10-0-33-77.ec2.internal",
    }
    world.aws["volumes"][VOLUME].update(
        State="in-use", Attachments=[{"InstanceId": foreign, "Device": "/dev/sdf", "State": "attached"}]
    )


@scenario(verdict="inconclusive", consequences=HELD)
def attaching_takes_too_long(world: World) -> None:
    """The attacher does not come to an end, and says nothing of why."""
    pod = attach_refused(world, "")
    world.event(
        pod,
        "FailedAttachVolume",
        f'AttachVolume.Attach failed for volume "{PV}" : timed out waiting for external-attacher of '
        f"ebs.csi.aws.com CSI driver to attach volume {VOLUME}",
        component="attachdetach-controller",
    )


@scenario(
    verdict="faulty",
    causes=["ebs.identity.web_identity_audience"],
    consequences=["ebs.attachments.detached", *HELD],
)
def detaching_refused(world: World) -> None:
    """The pod moved, and a driver without rights cannot detach its volume from the old node."""
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(
        audience="www.sts.amazonaws.com"
    )
    world.get("Pod", "orders-0", "shop")["spec"]["nodeName"] = second_node(world)
    multi_attach(world, stuck_pod(world))
    detach_refused(world)


@scenario(verdict="healthy")
def moved_and_well(world: World) -> None:
    """The pod moved an hour ago: the events tell of trouble that is over."""
    second_node(world)
    pod = world.get("Pod", "orders-0", "shop")
    detach(world)
    pod["spec"]["nodeName"] = SECOND_NODE
    pod["metadata"]["creationTimestamp"] = stamp(world.now - timedelta(hours=1))
    multi_attach(world, pod)
    _attach_to_second(world)


def _attach_to_second(world: World) -> None:

    attach(world, SECOND_NODE)
    handle = f"kubernetes.io/csi/ebs.csi.aws.com^{VOLUME}"
    world.get("Node", SECOND_NODE)["status"].update(
        volumesAttached=[{"name": handle, "devicePath": ""}], volumesInUse=[handle]
    )
    world.get("Node", NODE)["status"].update(volumesAttached=[], volumesInUse=[])
    world.aws["volumes"][VOLUME].update(
        State="in-use",
        Attachments=[{"InstanceId": "i-0dddd1111eeee2222", "Device": "/dev/xvdaa", "State": "attached"}],
    )
