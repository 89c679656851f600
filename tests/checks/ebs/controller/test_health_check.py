from __future__ import annotations

import pytest

from runbook.checks.ebs.controller.health_check import health_check
from runbook.model import NotApplicable, Seen, Unavailable
from tests.given.driver import controller, controller_pod, crashing, log

SAID = (
    "Failed health check (verify network connection and IAM credentials): dry-run EC2 API call failed: "
    'operation error EC2: DescribeAvailabilityZones, Post "https://ec2.us-east-1.amazonaws.com/": i/o timeout'
)
PLUGIN = (
    'E1121 06:29:19.1 1 driver.go:108] "GRPC error" err="rpc error: desc = ' + SAID.replace('"', '\\"') + '"'
)
SIDECAR = f"E1121 06:29:19.4 1 main.go:312] CSI driver probe failed: rpc error: desc = {SAID}"
DOWN = controller_pod(crashing("ebs-plugin"))


def test_nothing_said() -> None:
    assert (
        list(health_check(controller(), Seen((log("ebs-plugin", "I1121 started", controller_pod()),)))) == []
    )


def test_a_driver_that_ends_without_a_word_is_unknown() -> None:
    silent = Seen((log("ebs-plugin", "I1121 started", DOWN),))
    with pytest.raises(
        Unavailable, match="ebs-plugin is not ready, and its log says nothing of a health check"
    ):
        list(health_check(controller(), silent))


def test_no_pods() -> None:
    with pytest.raises(NotApplicable, match="the controller has no pods"):
        list(health_check(controller(), Seen()))


def test_the_driver_says_it_in_quotation_marks() -> None:
    (problem,) = health_check(controller(), Seen((log("ebs-plugin", PLUGIN, DOWN),)))
    assert problem.summary == (
        "the controller's health check cannot call EC2: operation error EC2: DescribeAvailabilityZones, "
        'Post "https://ec2.us-east-1.amazonaws.com/": i/o timeout'
    )
    assert [quote.excerpt for quote in problem.evidence] == [SAID]


def test_a_sidecar_says_it() -> None:
    down = controller_pod(crashing("csi-attacher"))
    (problem,) = health_check(controller(), Seen((log("csi-attacher", SIDECAR, down),)))
    assert [quote.excerpt for quote in problem.evidence] == [SAID]


def test_what_a_pod_that_is_ready_now_wrote_is_over() -> None:
    assert (
        list(health_check(controller(), Seen((log("ebs-plugin", PLUGIN, controller_pod(), previous=True),))))
        == []
    )
