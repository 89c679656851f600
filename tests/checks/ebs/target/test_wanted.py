from __future__ import annotations

import pytest

from runbook.checks.ebs.target.wanted import wanted
from runbook.model import NotApplicable
from tests.given.aftercare import commands
from tests.given.target import absent, pod, target, workload


def test_a_workload_with_replicas_is_well() -> None:
    assert list(wanted(absent(workload=workload(made=0)))) == []


def test_no_workload() -> None:
    with pytest.raises(NotApplicable, match="no workload is asked about"):
        list(wanted(target(pod())))


def test_scaled_to_nothing() -> None:
    (problem,) = wanted(absent(workload=workload(replicas=0, made=0, ready=0)))
    assert problem.summary == "StatefulSet shop/orders is scaled to 0"
    assert commands(problem) == [
        "kubectl -n shop scale statefulset orders --replicas 1",
        "kubectl -n shop rollout status statefulset orders",
    ]
