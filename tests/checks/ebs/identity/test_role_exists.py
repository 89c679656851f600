from __future__ import annotations

import pytest

from runbook.checks.ebs.identity.role_exists import role_exists
from runbook.evidence.ebs.driver_role import role_named
from runbook.model import Problem, Resource
from tests.given.account import ROLE_ARN, cluster
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.identity import role, service_account

ANNOTATE = (
    "kubectl -n kube-system annotate serviceaccount ebs-csi-controller-sa "
    "eks.amazonaws.com/role-arn={} --overwrite"
)


def judge(named: str, found: Resource | None = None) -> list[Problem]:
    there = found or Resource(kind="Role", name=role_named(named).name, arn=named, exists=False)
    return list(role_exists(role(resource=there), service_account(role_arn=named), cluster(), aftercare()))


def test_the_role_is_there() -> None:
    assert judge(ROLE_ARN, role().resource) == []


def test_the_role_was_deleted() -> None:
    (problem,) = judge(ROLE_ARN)
    assert problem.summary == (
        "IAM role shop-ebs-csi, which ServiceAccount kube-system/ebs-csi-controller-sa names, does not exist"
    )
    assert problem.resource.exists is False
    provider, create, attach, restart, verify = commands(problem)
    assert provider == "eksctl utils associate-iam-oidc-provider --region us-east-1 --cluster shop --approve"
    assert create.startswith("aws iam create-role --role-name shop-ebs-csi --assume-role-policy-document '{")
    assert attach == (
        "aws iam attach-role-policy --role-name shop-ebs-csi "
        "--policy-arn arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    )
    assert (restart, verify) == (RESTART, VERIFY)


@pytest.mark.parametrize(
    "text",
    [
        "shop-ebs-csi",
        "arn:aws:iam::1111:role/shop-ebs-csi",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:iam::111122223333:user/a",
    ],
)
def test_no_arn_of_a_role(text: str) -> None:
    (problem,) = judge(text)
    assert problem.summary == (
        f"ServiceAccount kube-system/ebs-csi-controller-sa names '{text}', which is not the ARN of a role"
    )
    assert commands(problem) == [ANNOTATE.format("ROLE_ARN"), RESTART, VERIFY]


def test_another_partition() -> None:
    (problem,) = judge("arn:aws-cn:iam::111122223333:role/shop-ebs-csi", role().resource)
    assert problem.summary == (
        "ServiceAccount kube-system/ebs-csi-controller-sa names role "
        "arn:aws-cn:iam::111122223333:role/shop-ebs-csi "
        "of partition aws-cn, while the cluster is in aws"
    )
    assert commands(problem) == [ANNOTATE.format(ROLE_ARN), RESTART, VERIFY]


def test_the_path_is_missing() -> None:
    real = "arn:aws:iam::111122223333:role/eks/shop-ebs-csi"
    (problem,) = judge(ROLE_ARN, Resource(kind="Role", name="shop-ebs-csi", arn=real))
    assert problem.summary == (
        f"ServiceAccount kube-system/ebs-csi-controller-sa names role {ROLE_ARN}, while the role's ARN is "
        f"{real}"
    )
    assert commands(problem) == [ANNOTATE.format(real), RESTART, VERIFY]
