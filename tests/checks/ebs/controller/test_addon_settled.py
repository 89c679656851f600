from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runbook.checks.ebs.controller.addon_settled import addon_settled
from runbook.model import NotApplicable, Unavailable
from tests.given.account import addon, cluster, no_addon
from tests.given.aftercare import commands
from tests.given.driver import controller

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
DOWN = controller(ready=0)
REPLICAS = (
    "InsufficientNumberOfReplicas",
    "The add-on is unhealthy because it doesn't have the desired number of replicas.",
)


def test_active() -> None:
    assert list(addon_settled(addon(), DOWN, cluster(), NOW)) == []


def test_self_managed() -> None:
    with pytest.raises(NotApplicable, match="the driver is not installed as add-on aws-ebs-csi-driver"):
        list(addon_settled(no_addon(), DOWN, cluster(), NOW))


@pytest.mark.parametrize("status", ["DEGRADED", "CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"])
def test_failed(status: str) -> None:
    (problem,) = addon_settled(addon(status=status, issues=(REPLICAS,)), DOWN, cluster(), NOW)
    assert problem.summary == f"add-on aws-ebs-csi-driver is {status}: {': '.join(REPLICAS).rstrip('.')}"
    assert commands(problem) == [
        (
            "aws eks describe-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
            "--query 'addon.[status,health]'"
        )
    ]


def test_an_issue_while_active() -> None:
    (problem,) = addon_settled(addon(issues=(REPLICAS,)), DOWN, cluster(), NOW)
    assert problem.brief == "ACTIVE, InsufficientNumberOfReplicas"


def test_under_way_for_too_long() -> None:
    since = NOW - timedelta(minutes=45)
    (problem,) = addon_settled(addon(status="UPDATING", changed=since), DOWN, cluster(), NOW)
    assert problem.summary == "add-on aws-ebs-csi-driver is UPDATING for 45 minutes"


def test_under_way_for_a_while() -> None:
    since = NOW - timedelta(minutes=5)
    with pytest.raises(
        Unavailable, match="CREATING of add-on aws-ebs-csi-driver began 5 minutes ago; too early to tell"
    ):
        list(addon_settled(addon(status="CREATING", changed=since), DOWN, cluster(), NOW))


def test_under_way_since_nobody_knows_when() -> None:
    with pytest.raises(
        Unavailable, match="add-on aws-ebs-csi-driver is CREATING, and EKS does not say since when"
    ):
        list(addon_settled(addon(status="CREATING"), DOWN, cluster(), NOW))


@pytest.mark.parametrize("status", ["ACTIVE", "DEGRADED", "UPDATING"])
def test_what_eks_says_of_a_whole_controller_harms_nobody(status: str) -> None:
    with pytest.raises(NotApplicable) as told:
        list(addon_settled(addon(status=status, issues=(REPLICAS,)), controller(), cluster(), NOW))
    assert str(told.value) == (
        f"EKS calls add-on aws-ebs-csi-driver {status}, while all replicas of the controller are ready"
    )


def test_a_controller_that_does_not_roll_out_is_not_whole() -> None:
    stuck = controller(stuck="timed out progressing")
    (problem,) = addon_settled(addon(status="DEGRADED"), stuck, cluster(), NOW)
    assert problem.summary == "add-on aws-ebs-csi-driver is DEGRADED"
