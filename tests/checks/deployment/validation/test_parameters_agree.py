from __future__ import annotations

import pytest

from runbook.checks.deployment.validation.parameters_agree import parameters_agree
from tests.given.aftercare import commands


@pytest.mark.parametrize("given", [{}, {"ApplicationPodName": "orders-0", "ApplicationNamespace": "shop"}])
def test_parameters_that_agree(given: dict[str, str]) -> None:
    assert list(parameters_agree(given)) == []


@pytest.mark.parametrize(
    ("pod", "command"),
    [
        ("orders-0", "kubectl get pods --all-namespaces --field-selector metadata.name=orders-0"),
        (
            "statefulset/orders",
            "kubectl get statefulsets --all-namespaces --field-selector metadata.name=orders",
        ),
        ("app=web,tier=db", "kubectl get pods --all-namespaces --selector app=web,tier=db"),
        ("example.com/app=web", "kubectl get pods --all-namespaces --selector example.com/app=web"),
    ],
)
def test_a_pod_without_namespace(pod: str, command: str) -> None:
    (problem,) = parameters_agree({"ApplicationPodName": pod, "ApplicationNamespace": ""})
    assert problem.summary == (
        f"ApplicationPodName ({pod}) was given without ApplicationNamespace, and a name is unique in its namespace "
        "only"
    )
    assert commands(problem) == [command]
