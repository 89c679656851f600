from __future__ import annotations

import pytest

from runbook.checks.deployment.validation.authentication_mode import authentication_mode
from runbook.model import Unavailable
from tests.given.aftercare import commands
from tests.given.deployment import AUTOMATION, cluster, deployment


@pytest.mark.parametrize("mode", ["API", "API_AND_CONFIG_MAP"])
def test_modes_with_access_entries(mode: str) -> None:
    assert list(authentication_mode(cluster(authentication_mode=mode), deployment())) == []


def test_config_map_alone() -> None:
    (problem,) = authentication_mode(cluster(authentication_mode="CONFIG_MAP"), deployment())
    assert problem.summary == (
        "cluster shop takes no access entries (authentication mode CONFIG_MAP), so the run's role cannot be given "
        "one"
    )
    assert commands(problem) == [
        "aws eks update-cluster-config --region us-east-1 --name shop "
        "--access-config authenticationMode=API_AND_CONFIG_MAP",
        "aws eks describe-cluster --region us-east-1 --name shop "
        "--query cluster.accessConfig.authenticationMode --output text",
        "aws eks create-access-entry --region us-east-1 --cluster-name shop "
        f"--principal-arn {AUTOMATION} --kubernetes-groups eks-runbook-readers",
        "kubectl apply -f docs/cluster-role.yaml",
    ]
    assert [step.verifies for step in problem.fix] == [False, True, False, False]


def test_a_mode_that_is_not_told() -> None:
    with pytest.raises(Unavailable, match="EKS did not tell the authentication mode of cluster shop"):
        list(authentication_mode(cluster(authentication_mode=""), deployment()))
