from __future__ import annotations

from runbook.checks.ebs.controller.rolling import rolling
from tests.given.aftercare import commands
from tests.given.driver import controller

STUCK = 'ReplicaSet "ebs-csi-controller-1" has timed out\nprogressing.'


def test_it_progresses() -> None:
    assert list(rolling(controller())) == []


def test_paused_alone_is_no_fault() -> None:
    assert list(rolling(controller(paused=True))) == []


def test_it_is_stuck() -> None:
    (problem,) = rolling(controller(stuck=STUCK))
    assert problem.summary == (
        "controller kube-system/ebs-csi-controller does not roll out: "
        'ReplicaSet "ebs-csi-controller-1" has timed out progressing'
    )
    assert problem.facts == ()
    assert commands(problem) == ["kubectl -n kube-system describe replicaset,pod -l app=ebs-csi-controller"]


def test_it_is_stuck_and_paused() -> None:
    (problem,) = rolling(controller(stuck=STUCK, paused=True))
    assert problem.facts == (
        "The Deployment is paused, so that no remedy reaches its pods before it is resumed.",
    )
    assert commands(problem) == ["kubectl -n kube-system rollout resume deployment ebs-csi-controller"]
