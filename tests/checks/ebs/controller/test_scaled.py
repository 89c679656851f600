from __future__ import annotations

from runbook.checks.ebs.controller.scaled import scaled
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.driver import controller


def test_two_replicas() -> None:
    assert list(scaled(controller(), aftercare())) == []


def test_none() -> None:
    (problem,) = scaled(controller(replicas=0, ready=0), aftercare())
    assert problem.summary == "controller kube-system/ebs-csi-controller is scaled to 0 replicas"
    assert commands(problem) == [
        "kubectl -n kube-system scale deployment ebs-csi-controller --replicas=2",
        VERIFY,
    ]
