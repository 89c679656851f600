from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runbook.evidence.ebs.identity import Identity
from runbook.evidence.ebs.permissions import Permissions, driver_permissions
from runbook.model import NotApplicable, Resource, Unavailable
from tests.given.account import ROLE_ARN, cluster
from tests.given.identity import identity, no_identity, role
from tests.given.ports import ABSENT, Table, provided

MANAGED = {"PolicyArn": "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicyV2"}
OTHER = "arn:aws:iam::111122223333:role/team/volumes"
SKIPPED = NotApplicable("the driver does not use IAM roles for service accounts")


def table(judge: Any, *attached: dict[str, str]) -> Table:
    return Table(
        {
            "iam:ListAttachedRolePolicies": {"AttachedPolicies": [*attached]},
            "iam:SimulatePrincipalPolicy": judge,
        }
    )


def ask(answers: Table, who: Identity | None = None, found: Any = None) -> Any:
    return provided(
        driver_permissions,
        answers,
        cluster=cluster(),
        identity=who or identity(),
        driver_role=found or role(),
    )


def each(**decision: Any) -> Any:
    """The same decision of every action."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "EvaluationResults": [
                {"EvalActionName": action, "EvalDecision": "implicitDeny", **decision}
                for action in parameters["ActionNames"]
            ]
        }

    return answer


ALL = (
    "ec2:CreateVolume", "ec2:AttachVolume", "ec2:DetachVolume", "ec2:DeleteVolume", "ec2:CreateTags",
    "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeVolumes",
)  # fmt: skip


def test_a_managed_policy_suffices() -> None:
    assert ask(table(None, MANAGED)) == Permissions(role=role().resource)


def test_a_policy_by_hand_suffices() -> None:
    assert ask(table(each(EvalDecision="allowed"))) == Permissions(role=role().resource)


def test_a_role_without_policy() -> None:
    assert ask(table(each())) == Permissions(role=role().resource, denied=ALL)


@pytest.mark.parametrize(
    "decision",
    [
        {"EvalDecision": "explicitDeny"},
        {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}},
        {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}},
    ],
)
def test_what_no_further_policy_mends(decision: dict[str, Any]) -> None:
    assert ask(table(each(**decision))).forbidden == ALL


@pytest.mark.parametrize(
    "missing",
    [
        {"MissingContextValues": ["aws:RequestTag/team"]},
        {"ResourceSpecificResults": [{"MissingContextValues": ["aws:RequestTag/team"]}]},
    ],
)
def test_what_depends_on_what_the_simulator_was_not_given(missing: dict[str, Any]) -> None:
    with pytest.raises(
        Unavailable,
        match=f"whether role {ROLE_ARN} may use ec2:CreateVolume depends on aws:RequestTag/team, which",
    ):
        ask(table(each(**missing)))


def test_pod_identity_by_the_role_that_works() -> None:
    who = no_identity(mode="pod identity", association_role=ROLE_ARN)
    assert ask(table(each()), who, SKIPPED).role == Resource(kind="Role", name="shop-ebs-csi")
    answers = table(each())
    assert ask(answers, replace(who, target_role=OTHER), SKIPPED).role.arn == OTHER
    assert answers.asked[0].parameters == {"RoleName": "volumes"}


def test_a_target_role_of_another_account_is_out_of_sight() -> None:
    elsewhere = no_identity(
        mode="pod identity",
        association_role=ROLE_ARN,
        target_role="arn:aws:iam::444455556666:role/volumes",
    )
    with pytest.raises(Unavailable, match="the driver's role belongs to account 444455556666"):
        ask(Table({}), elsewhere, SKIPPED)


def test_a_role_that_an_association_names_and_that_is_not_there() -> None:
    who = no_identity(mode="pod identity", association_role=ROLE_ARN)
    with pytest.raises(Unavailable, match="IAM knows no role shop-ebs-csi"):
        ask(Table({"iam:ListAttachedRolePolicies": ABSENT}), who, SKIPPED)


def test_without_a_role_of_its_own() -> None:
    with pytest.raises(NotApplicable, match="the driver has no role of its own but uses the node's role"):
        ask(Table({}), no_identity(), SKIPPED)
    gone = role(resource=replace(role().resource, exists=False))
    with pytest.raises(NotApplicable, match="role shop-ebs-csi does not exist"):
        ask(Table({}), found=gone)
    with pytest.raises(Unavailable, match="refused"):
        ask(Table({}), found=Unavailable("refused"))
