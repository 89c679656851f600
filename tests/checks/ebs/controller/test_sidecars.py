from __future__ import annotations

import pytest

from runbook.checks.ebs.controller.sidecars import sidecars
from runbook.model import NotApplicable, Seen, Unavailable
from tests.given.aftercare import commands
from tests.given.driver import controller, controller_pod, crashing, log


def test_all_run() -> None:
    restarted = controller_pod(ready=True)
    assert list(sidecars(controller(), (restarted,), Seen())) == []


def test_no_pods() -> None:
    with pytest.raises(NotApplicable, match="the controller has no pods"):
        list(sidecars(controller(), (), Seen()))


def test_one_alone_is_down() -> None:
    pod = controller_pod(crashing("csi-provisioner", exit_message="Lost connection to CSI driver, exiting"))
    said = Seen((log("csi-provisioner", "I1121 leading\nE1121 stopped leading", pod),))
    (problem,) = sidecars(controller(), (pod,), said)
    assert problem.summary == (
        "csi-provisioner in pod kube-system/ebs-csi-controller-a is in CrashLoopBackOff after 18 restarts, "
        "so that no volume is created"
    )
    assert [quote.excerpt for quote in problem.evidence] == [
        "E1121 stopped leading", "Lost connection to CSI driver, exiting",
    ]  # fmt: skip
    assert commands(problem) == [
        "kubectl -n kube-system logs ebs-csi-controller-a -c csi-provisioner --previous"
    ]


def test_without_logs_it_is_told_all_the_same() -> None:
    (problem,) = sidecars(controller(), (controller_pod(crashing("csi-resizer")),), Unavailable("refused"))
    assert problem.summary.endswith("so that no volume is resized")
    assert problem.evidence == ()


def test_the_driver_itself_is_down() -> None:
    pod = controller_pod(crashing("ebs-plugin"), crashing("csi-provisioner"))
    with pytest.raises(NotApplicable, match="ebs-plugin itself does not run, and every sidecar ends with it"):
        list(sidecars(controller(), (pod,), Seen()))
