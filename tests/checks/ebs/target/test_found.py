from __future__ import annotations

import pytest

from runbook.checks.ebs.target.found import found
from runbook.model import NotApplicable
from tests.given.aftercare import commands
from tests.given.target import absent, event, pod, target, workload


def test_what_is_there_is_well() -> None:
    assert list(found(target(pod()))) == []


def test_nothing_was_named() -> None:
    with pytest.raises(NotApplicable, match="nothing was named, and no pod waits"):
        list(found(target()))


def test_a_pod_that_its_stateful_set_has_not_made() -> None:
    said = event("Killing", "Stopping container orders")
    (problem,) = found(absent(workload=workload(made=0, ready=0), events=(said,)))
    assert problem.summary == (
        "pod shop/orders-0 does not exist; the StatefulSet orders that makes it has 0 of 1 pod"
    )
    assert [e.excerpt for e in problem.evidence] == ["Killing: Stopping container orders"]
    assert commands(problem) == ["kubectl -n shop get pods"]


def test_a_misspelt_pod() -> None:
    (problem,) = found(absent(name="order-0", near=("orders-0",)))
    assert problem.summary == "pod shop/order-0 does not exist (near: orders-0)"
    assert problem.facts == ("There is orders-0",)


def test_a_namespace() -> None:
    (problem,) = found(absent("Namespace", "shopp", near=("shop",)))
    assert problem.summary == "namespace shopp does not exist (near: shop)"
    assert commands(problem) == ["kubectl get namespaces"]


def test_labels_that_fit_no_pod() -> None:
    (problem,) = found(absent(name="app=orders", workload=workload(replicas=0, made=0)))
    assert problem.summary == (
        "no pod in namespace shop has the labels app=orders; the StatefulSet orders that "
        "makes it is scaled to 0"
    )


def test_a_workload() -> None:
    (problem,) = found(absent("Deployment", "web"))
    assert problem.summary == "Deployment shop/web does not exist"
    assert commands(problem) == ["kubectl -n shop get deployments"]
