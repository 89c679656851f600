from __future__ import annotations

import pytest

from runbook.checks.deployment.validation.driver_not_fargate_only import driver_not_fargate_only
from runbook.evidence.ebs.account import Addon
from runbook.model import Unavailable
from tests.given.account import addon, no_addon
from tests.given.aftercare import commands
from tests.given.deployment import cluster, compute

LOOKED = "It has no node group and no running instance with tag kubernetes.io/cluster/shop."


def test_nodes_of_ec2() -> None:
    assert list(driver_not_fargate_only(compute(profiles=("system",)), addon(), cluster())) == []


@pytest.mark.parametrize(
    ("driver", "installed"),
    [
        (addon(), ("The driver is EKS add-on aws-ebs-csi-driver v1.64.0-eksbuild.1, ACTIVE.",)),
        (no_addon(), ("The driver is no EKS add-on: if it is there, it came by Helm or manifests.",)),
        (Unavailable("refused"), ()),
    ],
)
def test_fargate_alone(driver: Addon | Unavailable, installed: tuple[str, ...]) -> None:
    (problem,) = driver_not_fargate_only(compute(profiles=("system",), has_nodes=False), driver, cluster())
    assert problem.summary == (
        "cluster shop has no EC2 node and runs the driver on Fargate (profile system takes namespace kube-system), "
        "where no pod can have an EBS volume"
    )
    assert problem.facts == (LOOKED, *installed)
    assert commands(problem) == [
        "aws eks create-nodegroup --region us-east-1 --cluster-name shop --nodegroup-name volumes "
        "--node-role NODE_ROLE_ARN --subnets subnet-a subnet-b"
    ]
