from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runbook.checks.ebs.controller.addon_settled import addon_settled
from runbook.model import NotApplicable, Unavailable
from tests.given.account import addon, cluster, no_addon
from tests.given.aftercare import commands

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
REPLICAS = (
    "InsufficientNumberOfReplicas",
    "The add-on is unhealthy because it doesn't have the desired number of replicas.",
)


def test_active() -> None:
    assert list(addon_settled(addon(), cluster(), NOW)) == []


def test_self_managed() -> None:
    with pytest.raises(NotApplicable, match="the driver is not installed as add-on aws-ebs-csi-driver"):
        list(addon_settled(no_addon(), cluster(), NOW))


@pytest.mark.parametrize("status", ["DEGRADED", "CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"])
def test_failed(status: str) -> None:
    (problem,) = addon_settled(addon(status=status, issues=(REPLICAS,)), cluster(), NOW)
    assert problem.summary == f"add-on aws-ebs-csi-driver is {status}: {': '.join(REPLICAS).rstrip('.')}"
    assert commands(problem) == [
        (
            "aws eks describe-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
            "--query 'addon.[status,health]'"
        )
    ]


def test_an_issue_while_active() -> None:
    (problem,) = addon_settled(addon(issues=(REPLICAS,)), cluster(), NOW)
    assert problem.brief == "ACTIVE, InsufficientNumberOfReplicas"


def test_under_way_for_too_long() -> None:
    since = NOW - timedelta(minutes=45)
    (problem,) = addon_settled(addon(status="UPDATING", changed=since), cluster(), NOW)
    assert problem.summary == "add-on aws-ebs-csi-driver is UPDATING for 45 minutes"


def test_under_way_for_a_while() -> None:
    since = NOW - timedelta(minutes=5)
    with pytest.raises(
        Unavailable, match="CREATING of add-on aws-ebs-csi-driver began 5 minutes ago; too early to tell"
    ):
        list(addon_settled(addon(status="CREATING", changed=since), cluster(), NOW))


def test_under_way_since_nobody_knows_when() -> None:
    with pytest.raises(
        Unavailable, match="add-on aws-ebs-csi-driver is CREATING, and EKS does not say since when"
    ):
        list(addon_settled(addon(status="CREATING"), cluster(), NOW))
