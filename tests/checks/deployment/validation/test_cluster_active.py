from __future__ import annotations

import pytest

from runbook.checks.deployment.validation.cluster_active import cluster_active
from runbook.model import Unavailable
from tests.given.aftercare import commands
from tests.given.deployment import cluster

LIST = "aws eks list-clusters --region us-east-1"
WAIT = "aws eks wait cluster-active --region us-east-1 --name shop"
LOOK = "aws eks describe-cluster --region us-east-1 --name shop --query 'cluster.{status: status, health: health}'"


@pytest.mark.parametrize("status", ["ACTIVE", "UPDATING"])
def test_a_cluster_that_serves(status: str) -> None:
    assert list(cluster_active(cluster(status=status))) == []


@pytest.mark.parametrize(
    ("status", "summary", "command"),
    [
        ("CREATING", "cluster shop is still being created", WAIT),
        ("PENDING", "cluster shop is still waiting to be created", WAIT),
        ("DELETING", "cluster shop is being deleted", LIST),
        ("FAILED", "cluster shop could not be created (status FAILED)", LOOK),
        ("SOMETHING", "cluster shop has status SOMETHING", LOOK),
    ],
)
def test_one_that_does_not(status: str, summary: str, command: str) -> None:
    (problem,) = cluster_active(cluster(status=status))
    assert (problem.summary, commands(problem)) == (summary, [command])


def test_a_status_that_is_not_told() -> None:
    with pytest.raises(Unavailable, match="EKS did not tell the status of cluster shop"):
        list(cluster_active(cluster(status="")))
