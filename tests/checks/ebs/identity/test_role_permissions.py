from __future__ import annotations

from runbook.checks.ebs.identity.role_permissions import role_permissions
from runbook.evidence.ebs.permissions import Permissions
from runbook.model import Problem
from tests.given.account import ROLE_ARN, cluster
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.identity import role

DENIED = ("ec2:CreateVolume", "ec2:AttachVolume", "ec2:DetachVolume")
ATTACH = (
    "aws iam attach-role-policy --role-name shop-ebs-csi "
    "--policy-arn arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
)
SIMULATE = f"aws iam simulate-principal-policy --policy-source-arn {ROLE_ARN} --action-names {{}}"


def judge(denied: tuple[str, ...] = (), forbidden: tuple[str, ...] = ()) -> list[Problem]:
    found = Permissions(role=role().resource, denied=denied, forbidden=forbidden)
    return list(role_permissions(found, cluster(), aftercare()))


def test_a_role_that_suffices() -> None:
    assert judge() == []


def test_a_role_without_policy() -> None:
    (problem,) = judge(DENIED)
    assert problem.summary == (
        "IAM role shop-ebs-csi, which the driver uses, does not allow ec2:CreateVolume, "
        "ec2:AttachVolume and 1 more"
    )
    assert problem.facts == (
        "Role shop-ebs-csi does not allow ec2:CreateVolume, ec2:AttachVolume and ec2:DetachVolume.",
    )
    assert commands(problem) == [ATTACH, RESTART, VERIFY]


def test_what_is_forbidden_is_not_mended_by_a_policy_alone() -> None:
    (problem,) = judge(DENIED, ("ec2:CreateVolume",))
    assert commands(problem) == [SIMULATE.format("ec2:CreateVolume"), ATTACH, RESTART, VERIFY]
    assert problem.fix[0].text == (
        "Find the explicit Deny, permissions boundary or organization policy that forbids ec2:CreateVolume, "
        "and take it away: no further policy outweighs it"
    )


def test_what_is_only_forbidden_needs_no_policy() -> None:
    (problem,) = judge(DENIED, DENIED)
    assert commands(problem) == [SIMULATE.format(" ".join(DENIED)), RESTART, VERIFY]
