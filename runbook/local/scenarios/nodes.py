"""Faults of nodes and of the node plugin."""

from __future__ import annotations

from runbook.local.account import ZONES
from runbook.local.breaking import unbound_claim, waiting_pod
from runbook.local.breaking_nodes import (
    PLUGINS,
    UNBOUND,
    another_volume,
    count_plugins,
    crash_plugin,
    dead_node,
    unmountable_pod,
    unregister,
)
from runbook.local.healthy import SYSTEM
from runbook.local.scenarios import scenario
from runbook.local.world import World

UNMOUNTED = ("ebs.attachments.mounted", "ebs.target.ready")
NOBODY = {"ApplicationPodName": "", "ApplicationNamespace": ""}
TEAM = {"ApplicationPodName": "team=checkout", "ApplicationNamespace": "shop"}


@scenario(
    verdict="faulty",
    causes=["ebs.nodes.node_plugin_installed"],
    consequences=["ebs.nodes.driver_registered", *UNMOUNTED],
)
def node_plugin_missing(world: World) -> None:
    """The node plugin's DaemonSet was deleted."""
    for pod in world.of("Pod"):
        if pod["metadata"]["name"].startswith("ebs-csi-node-"):
            world.remove("Pod", pod["metadata"]["name"], SYSTEM)
    world.remove("DaemonSet", "ebs-csi-node", SYSTEM)
    for _, _, node in ZONES.values():
        unregister(world, node)
    unmountable_pod(world)


@scenario(
    verdict="inconclusive",
    consequences=["ebs.nodes.node_plugin_ready", "ebs.nodes.driver_registered", *UNMOUNTED],
)
def node_plugin_crashes(world: World) -> None:
    """The node plugin of the pod's node crashes, and nothing tells why."""
    crash_plugin(world)
    unregister(world)
    unmountable_pod(world)


@scenario(verdict="inconclusive", parameters=NOBODY, consequences=["ebs.nodes.node_plugin_ready"])
def node_plugins_crash_while_no_pod_waits(world: World) -> None:
    """The node plugin crashes on every node; what was mounted before stays so, and no pod waits yet."""
    for name in PLUGINS:
        crash_plugin(world, name)
    count_plugins(world, len(ZONES), 0)
    for _, _, node in ZONES.values():
        unregister(world, node)


@scenario(verdict="faulty", causes=["ebs.nodes.driver_registered"], consequences=UNMOUNTED)
def driver_not_registered(world: World) -> None:
    """The node plugin runs, but the kubelet of the pod's node does not know it."""
    unregister(world)
    unmountable_pod(world)


@scenario(
    verdict="faulty",
    parameters=TEAM,
    causes=["ebs.nodes.instance_running", "ebs.provisioning.storage_class_exists"],
    consequences=[
        "ebs.nodes.node_plugin_ready",
        "ebs.nodes.node_ready",
        "ebs.provisioning.bound",
        "ebs.scheduling.scheduled",
        "ebs.target.ready",
    ],
)
def stopped_instance_beside_another_fault(world: World) -> None:
    """One pod's instance was stopped; another pod, not on that node, waits for a class that is not there."""
    another_volume(world, "carts", volume="vol-0b22c33d44e55f66a", labels={"team": "checkout"})
    world.get("Pod", "orders-0", "shop")["metadata"]["labels"]["team"] = "checkout"
    waiting_pod(world, unschedulable=UNBOUND)
    claim = unbound_claim(world, external=False)
    claim["metadata"]["annotations"] = {}
    claim["spec"]["storageClassName"] = "gp33"
    world.event(
        claim,
        "ProvisioningFailed",
        'storageclass.storage.k8s.io "gp33" not found',
        component="persistentvolume-controller",
    )
    dead_node(world)
