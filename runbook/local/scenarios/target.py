"""What was asked about is not there, or not all of it."""

from __future__ import annotations

from runbook.local.account import DRIVER_ROLE, trust_policy
from runbook.local.breaking import crash_application, web_identity_refused
from runbook.local.breaking_nodes import use_deployment
from runbook.local.scenarios import ORDERS, scenario
from runbook.local.scenarios.identity import DRIVER_DOWN
from runbook.local.world import World


def _vanish(world: World) -> None:
    """The pod is gone, and its StatefulSet has not made it again."""
    world.remove("Pod", "orders-0", "shop")
    world.get("StatefulSet", "orders", "shop")["status"].update(replicas=0, readyReplicas=0)


def _exhausted(world: World) -> None:
    _vanish(world)
    amounts = {"hard": {"pods": "10"}, "used": {"pods": "10"}}
    world.add("ResourceQuota", "shop-pods", "shop", spec={"hard": {"pods": "10"}}, status=amounts)
    world.event(
        world.get("StatefulSet", "orders", "shop"),
        "FailedCreate",
        'create Pod orders-0 in StatefulSet orders failed error: pods "orders-0" is forbidden: exceeded quota: '
        "shop-pods, requested: pods=1, used: pods=10, limited: pods=10",
        component="statefulset-controller",
    )


@scenario(verdict="faulty", causes=["ebs.scheduling.admitted"], consequences=["ebs.target.found"])
def pod_refused_by_quota(world: World) -> None:
    """The pod is not made anew, because a quota of the namespace is used up."""
    _exhausted(world)


@scenario(
    verdict="faulty",
    parameters={"ApplicationPodName": "statefulset/orders", "ApplicationNamespace": "shop"},
    causes=["ebs.scheduling.admitted"],
    consequences=["ebs.target.ready"],
)
def workload_refused_by_quota(world: World) -> None:
    """The same, asked about by the StatefulSet's name, which an alarm knows."""
    _exhausted(world)


@scenario(verdict="inconclusive", consequences=["ebs.target.found"])
def quota_free_again(world: World) -> None:
    """The quota that refused the pod has room again; what keeps it away now is not seen."""
    _exhausted(world)
    world.get("ResourceQuota", "shop-pods", "shop")["status"]["used"] = {"pods": "7"}


@scenario(
    verdict="faulty",
    parameters={"ApplicationPodName": "deployment/catalog", "ApplicationNamespace": "shop"},
    causes=["ebs.scheduling.admitted"],
    consequences=["ebs.target.ready"],
)
def workload_refused_by_pod_security(world: World) -> None:
    """The Deployment's pods violate the namespace's Pod Security level."""
    old, new = use_deployment(world)
    for pod in (old, new):
        world.remove("Pod", pod["metadata"]["name"], "shop")
    world.remove("ReplicaSet", "catalog-5d8c7f6b9", "shop")
    replica_set = world.get("ReplicaSet", "catalog-7c6b5d4f8", "shop")
    replica_set["status"] = {"replicas": 0, "readyReplicas": 0}
    world.get("Deployment", "catalog", "shop")["status"] = {"replicas": 0, "unavailableReplicas": 1}
    world.get("Namespace", "shop")["metadata"]["labels"] = {
        "pod-security.kubernetes.io/enforce": "restricted"
    }
    world.event(
        replica_set,
        "FailedCreate",
        'Error creating: pods "catalog-7c6b5d4f8-h4t6m" is forbidden: violates PodSecurity "restricted:latest": '
        'allowPrivilegeEscalation != false (container "orders" must set '
        "securityContext.allowPrivilegeEscalation=false)",
        component="replicaset-controller",
    )


@scenario(
    verdict="inconclusive",
    parameters={**ORDERS, "ApplicationPodName": "order-0"},
    consequences=["ebs.target.found"],
)
def pod_without_trace(world: World) -> None:
    """There is no pod order-0, nor anything that would make it; there is orders-0."""


@scenario(
    verdict="inconclusive",
    parameters={**ORDERS, "ApplicationNamespace": "shopp"},
    consequences=["ebs.target.found"],
)
def namespace_mistyped(world: World) -> None:
    """There is no namespace shopp; there is shop."""


@scenario(
    verdict="inconclusive",
    parameters={"ApplicationNamespace": "shopp"},
    consequences=["ebs.target.found"],
)
def namespace_mistyped_nobody_named(world: World) -> None:
    """No pod is named, and there is no namespace shopp; there is shop."""


@scenario(
    verdict="faulty",
    causes=["ebs.identity.web_identity_audience"],
    consequences=[*(check for check in DRIVER_DOWN if check != "ebs.target.ready"), "ebs.target.found"],
)
def pod_vanished_while_its_claim_waits(world: World) -> None:
    """The pod vanished in the middle of an incident; its claim still waits for the driver."""
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(
        audience="www.sts.amazonaws.com"
    )
    web_identity_refused(world)
    _vanish(world)


@scenario(
    verdict="faulty",
    causes=["ebs.target.wanted"],
    parameters={"ApplicationPodName": "app=orders", "ApplicationNamespace": "shop"},
    consequences=["ebs.target.found"],
)
def scaled_to_nothing(world: World) -> None:
    """The labels fit no pod, because the StatefulSet that bears them is scaled to 0."""
    _vanish(world)
    world.get("StatefulSet", "orders", "shop")["spec"]["replicas"] = 0


@scenario(verdict="inconclusive", consequences=["ebs.target.ready"])
def application_crashes(world: World) -> None:
    """The pod has its volume; what crashes is the application."""
    crash_application(world)


@scenario(verdict="inconclusive", consequences=["ebs.target.ready"])
def init_container_crashes(world: World) -> None:
    """The pod has its volume; its init container crashes, and the application is not started."""
    crash_application(world, init="migrate")


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_audience"], consequences=["ebs.target.ready"])
def application_crashes_beside_a_wrong_role(world: World) -> None:
    """The application crashes, and the driver has no rights: two faults, of which one is not the other's."""
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(
        audience="www.sts.amazonaws.com"
    )
    crash_application(world)
