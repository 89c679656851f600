from __future__ import annotations

from typing import Any

from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.driver import controller, node_plugin
from runbook.evidence.ebs.unserved import unserved_claims
from runbook.model import Resource, Seen, Unavailable
from tests.given.driver import absent_controller
from tests.given.driver import controller as present
from tests.given.ports import ABSENT, Table, provided

NAMES = {"EbsCsiControllerNamespace": "kube-system", "EbsCsiControllerDeploymentName": "ebs-csi-controller"}


def deployment(name: str, image: str, **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "storage", "labels": labels},
        "spec": {"template": {"spec": {"containers": [{"name": "a", "image": image}]}}},
    }


DEPLOYMENTS = [
    deployment("web", "registry.example/web:v1"),
    deployment("renamed", "registry.example/mirror/aws-ebs-csi-driver:v1"),
]


def test_a_deployment_of_the_driver_under_another_name_is_the_controller() -> None:
    table = Table({"k8s:get deployments": ABSENT, "k8s:list deployments": {"items": DEPLOYMENTS}})
    assert provided(controller, table, parameters=NAMES).resource.path == "storage/renamed"


def test_it_is_known_by_its_label_too() -> None:
    items = [
        deployment("mirrored", "registry.example/ebs:v1", **{"app.kubernetes.io/name": "aws-ebs-csi-driver"})
    ]
    table = Table({"k8s:get deployments": ABSENT, "k8s:list deployments": {"items": items}})
    assert provided(controller, table, parameters=NAMES).resource.path == "storage/mirrored"


def test_and_by_its_container_where_a_mirror_renames_the_image() -> None:
    mirrored = deployment("mirrored", "registry.example/storage:v1")
    mirrored["spec"]["template"]["spec"]["containers"][0]["name"] = "ebs-plugin"
    table = Table({"k8s:get deployments": ABSENT, "k8s:list deployments": {"items": [mirrored]}})
    assert provided(controller, table, parameters=NAMES).resource.path == "storage/mirrored"


def test_without_any_the_configured_one_is_absent() -> None:
    table = Table({"k8s:get deployments": ABSENT, "k8s:list deployments": {"items": DEPLOYMENTS[:1]}})
    found = provided(controller, table, parameters=NAMES)
    assert found.resource == Resource(kind="Deployment", namespace="kube-system", name="ebs-csi-controller")
    assert found.resource.exists is False


def test_conditions_tell_why_pods_are_not_made() -> None:
    body = deployment("ebs-csi-controller", "registry.example/aws-ebs-csi-driver:v1")
    body["status"] = {
        "conditions": [
            {"type": "Progressing", "status": "True", "message": "has successfully progressed."},
            {"type": "ReplicaFailure", "status": "True", "message": "pods are forbidden"},
        ]
    }
    found = provided(controller, Table({"k8s:get deployments": body}), parameters=NAMES)
    assert (found.stuck, found.refused) == ("", "pods are forbidden")


def test_the_node_plugin_is_found_in_whatever_namespace() -> None:
    items = [deployment(name, "registry.example/aws-ebs-csi-driver:v1") for name in ("node-windows", "node")]
    table = Table({"k8s:get daemonsets": ABSENT, "k8s:list daemonsets": {"items": items}})
    assert provided(node_plugin, table, parameters=NAMES).resource.path == "storage/node"


def claim(name: str, **changes: Any) -> Claim:
    resource = Resource(kind="PersistentVolumeClaim", namespace="shop", name=name)
    return Claim(resource=resource, **{"provisioner": "ebs.csi.aws.com", **changes})


def test_claims_that_wait_for_a_controller_that_is_not_there() -> None:
    waiting = claim("data-0")
    all_of_them = Seen(
        (waiting, claim("data-1", volume="pvc-1"), claim("data-2", provisioner="ebs.csi.eks.amazonaws.com")),
        (Unavailable("refused"),),
    )
    assert provided(unserved_claims, Table({}), controller=absent_controller(), claims=all_of_them) == (
        waiting,
    )
    assert provided(unserved_claims, Table({}), controller=present(), claims=all_of_them) == ()
    assert (
        provided(unserved_claims, Table({}), controller=absent_controller(), claims=Unavailable("refused"))
        == ()
    )
