"""Controllers that look broken and are not."""

from __future__ import annotations

from runbook.local.account import ZONES
from runbook.local.breaking import INCIDENT, container
from runbook.local.healthy import SYSTEM, add_pod, condition, controller_spec
from runbook.local.scenarios import scenario
from runbook.local.world import World, stamp

_, _, _NODE = ZONES["us-east-1a"]


@scenario(verdict="healthy")
def addon_degraded_once(world: World) -> None:
    """EKS still calls the add-on degraded, while all of it is ready again."""
    issue = {
        "code": "InsufficientNumberOfReplicas",
        "message": "The add-on is unhealthy because it doesn't have the desired number of replicas.",
        "resourceIds": [],
    }
    world.aws["addons"]["aws-ebs-csi-driver"].update(status="DEGRADED", health={"issues": [issue]})


@scenario(verdict="healthy")
def old_pod_still_ending(world: World) -> None:
    """A pod of the controller that is about to end crashed for want of metadata; its successors are ready."""
    replica_set = world.get("ReplicaSet", "ebs-csi-controller-6c7f9b5d4", SYSTEM)
    name = "ebs-csi-controller-6c7f9b5d4-old00"
    labels = {"app": "ebs-csi-controller"}
    pod = add_pod(world, name, SYSTEM, labels, replica_set, _NODE, controller_spec())
    pod["metadata"].update(deletionTimestamp=stamp(world.now), deletionGracePeriodSeconds=30)
    pod["status"]["conditions"][2:] = [
        condition(kind, False, world.now - INCIDENT) for kind in ("ContainersReady", "Ready")
    ]
    pod["status"]["containerStatuses"][0] = container("ebs-plugin", waiting="CrashLoopBackOff", restarts=4)
    world.log(name, "ebs-plugin", ["all specified --metadata-sources '[imds]' are unavailable"])


@scenario(verdict="healthy")
def selector_of_expressions(world: World) -> None:
    """The selectors of the controller and of the application are expressions, not labels."""
    for kind, name, namespace in (
        ("Deployment", "ebs-csi-controller", SYSTEM), ("DaemonSet", "ebs-csi-node", SYSTEM),
        ("StatefulSet", "orders", "shop"),
    ):  # fmt: skip
        selector = world.get(kind, name, namespace)["spec"]["selector"]
        app = selector.pop("matchLabels")["app"]
        selector["matchExpressions"] = [
            {"key": "app", "operator": "In", "values": [app, "other"]},
            {"key": "gone", "operator": "DoesNotExist"},
        ]
