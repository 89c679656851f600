from __future__ import annotations

from typing import Any

from runbook.evidence.ebs.target import Target, target
from runbook.model import Resource
from tests.given.ports import ABSENT, Table, provided

NAMESPACE = {"metadata": {"name": "shop"}}
ORDERS = {
    "metadata": {"name": "orders", "namespace": "shop"},
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "orders"}},
        "template": {"metadata": {"labels": {"app": "orders", "tier": "db"}}},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
    },
    "status": {"replicas": 0},
}


def ask(name: str, **answers: Any) -> Target:
    table = Table(
        {
            "k8s:get namespaces": NAMESPACE,
            "k8s:get pods": ABSENT,
            "k8s:list pods": {"items": []},
            "k8s:get statefulsets": ABSENT,
            "k8s:list statefulsets": {"items": []},
            "k8s:get deployments": ABSENT,
            "k8s:list deployments": {"items": []},
            "k8s:list events": {"items": []},
            **answers,
        }
    )
    found: Target = provided(
        target, table, parameters={"ApplicationPodName": name, "ApplicationNamespace": "shop"}
    )
    return found


def test_an_absent_pod_its_owner_and_its_own_events() -> None:
    def said(kind: str) -> dict[str, Any]:
        about = {"kind": kind, "namespace": "shop", "name": "orders-0"}
        metadata = {"name": f"e-{kind}", "namespace": "shop"}
        return {"metadata": metadata, "involvedObject": about, "reason": kind, "message": "m"}

    events = {"items": [said("Pod"), said("PersistentVolumeClaim")]}
    found = ask("orders-0", **{"k8s:get statefulsets": ORDERS, "k8s:list events": events})
    assert found.missing == (Resource(kind="Pod", namespace="shop", name="orders-0"),)
    assert found.workload is not None
    assert (found.workload.resource.name, found.workload.replicas, found.workload.made) == ("orders", 0, 0)
    assert [e.reason for e in found.events] == ["Pod"]
    assert found.expected_claims == ("data-orders-0",)


def test_labels_that_fit_no_pod_lead_to_the_workload_that_bears_them() -> None:
    found = ask("tier=db", **{"k8s:list statefulsets": {"items": [ORDERS]}})
    assert found.workload is not None
    assert found.workload.resource.name == "orders"
    assert (found.near, found.expected_claims) == ((), ("data-orders-0",))


def test_misspelt_labels() -> None:
    found = ask("app=order,tier=db", **{"k8s:list statefulsets": {"items": [ORDERS]}})
    assert found.workload is None
    assert found.near == ("app=orders,tier=db",)


def test_a_misspelt_pod() -> None:
    beside = {"items": [{"metadata": {"name": "orders-0", "namespace": "shop"}}]}
    assert ask("order-0", **{"k8s:list pods": beside}).near == ("orders-0",)


def test_a_label_whose_name_has_a_prefix_is_no_workload() -> None:
    found = ask("app.kubernetes.io/name=orders")
    assert found.missing == (Resource(kind="Pod", namespace="shop", name="app.kubernetes.io/name=orders"),)
