from __future__ import annotations

from typing import Any

from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.driver import controller
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


def test_deployments_of_the_driver_elsewhere() -> None:
    items = [
        deployment("renamed", "registry.example/mirror/aws-ebs-csi-driver:v1"),
        deployment("web", "registry.example/web:v1"),
        deployment("mirrored", "registry.example/ebs:v1", **{"app.kubernetes.io/name": "aws-ebs-csi-driver"}),
    ]
    table = Table({"k8s:get deployments": ABSENT, "k8s:list deployments": {"items": items}})
    found = provided(controller, table, parameters=NAMES)
    assert found.resource == Resource(kind="Deployment", namespace="kube-system", name="ebs-csi-controller")
    assert found.resource.exists is False
    assert [resource.path for resource in found.elsewhere] == ["storage/mirrored", "storage/renamed"]


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
