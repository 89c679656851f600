from __future__ import annotations

import pytest

from runbook.checks.ebs.controller.ready import ready
from runbook.model import NotApplicable, Unavailable
from tests.given.aftercare import commands
from tests.given.driver import controller, controller_pod, crashing


def test_one_replica_suffices() -> None:
    assert list(ready(controller(ready=1), ())) == []


def test_pods_need_not_be_readable_for_that() -> None:
    assert list(ready(controller(), Unavailable("refused"))) == []


def test_no_replica() -> None:
    pod = controller_pod(crashing("ebs-plugin"), crashing("csi-attacher"))
    (problem,) = ready(controller(ready=0), (pod, pod))
    assert problem.summary == (
        "controller kube-system/ebs-csi-controller has 0 of 2 replicas ready "
        "(ebs-plugin CrashLoopBackOff, csi-attacher CrashLoopBackOff)"
    )
    assert commands(problem) == ["kubectl -n kube-system describe pod -l app=ebs-csi-controller"]


def test_no_pods() -> None:
    (problem,) = ready(controller(ready=0), ())
    assert (
        problem.summary
        == "controller kube-system/ebs-csi-controller has 0 of 2 replicas ready and no pods at all"
    )


def test_no_pods_may_be_made() -> None:
    (problem,) = ready(controller(ready=0, refused='serviceaccount "x"\nnot found.'), ())
    assert problem.summary == (
        "controller kube-system/ebs-csi-controller has 0 of 2 replicas ready and no pods at all: "
        'serviceaccount "x" not found'
    )


def test_a_state_of_several_lines() -> None:
    pod = controller_pod(ready=False, unschedulable="0/3 nodes are available:\n3 Insufficient cpu.")
    (problem,) = ready(controller(ready=0), (pod,))
    assert problem.summary == (
        "controller kube-system/ebs-csi-controller has 0 of 2 replicas ready "
        "(0/3 nodes are available: 3 Insufficient cpu)"
    )


def test_unreadable_pods() -> None:
    (problem,) = ready(controller(ready=0), Unavailable("refused"))
    assert problem.summary == (
        "controller kube-system/ebs-csi-controller has 0 of 2 replicas ready (its pods could not be read)"
    )


def test_none_wanted() -> None:
    with pytest.raises(NotApplicable, match="kube-system/ebs-csi-controller is scaled to 0 replicas"):
        list(ready(controller(replicas=0, ready=0), ()))
