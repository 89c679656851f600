from __future__ import annotations

from typing import Any

import pytest

from runbook.checks.ebs.identity.own_identity import own_identity
from runbook.evidence.ebs.callers import Caller
from runbook.evidence.ebs.usual_role import MadeRole, UsualRole
from runbook.model import Excerpt, NotApplicable, Problem, Seen, Unavailable
from tests.given.account import ROLE_ARN, addon, cluster, no_addon
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.identity import identity, no_identity, node_role, service_account

ABSENT = UsualRole(arn="", policy={})
TAKEN = UsualRole(arn="arn:aws:iam::111122223333:role/AmazonEKS_EBS_CSI_DriverRole", policy={})
THIN = node_role(denied=("ec2:CreateVolume", "ec2:AttachVolume", "ec2:DetachVolume"))


def judge(*roles: Any, made: MadeRole | None = None, usual: UsualRole = ABSENT, **more: Any) -> list[Problem]:
    given: dict[str, Any] = {
        "identity": no_identity(),
        "service_account": service_account(role_arn=""),
        "node_roles": Seen(roles),
        "made_role": made or MadeRole(),
        "usual_role": usual,
        "cluster": cluster(),
        "addon": addon(role_arn=""),
        "callers": (),
        "aftercare": aftercare(),
    }
    return list(own_identity(**given | more))


def test_web_identity_is_an_identity() -> None:
    skipped = NotApplicable("the driver uses IAM roles for service accounts")
    assert judge(identity=identity(), node_roles=skipped, made_role=skipped, usual_role=skipped) == []


def test_a_node_role_that_suffices() -> None:
    assert judge(node_role()) == []


def test_a_thin_node_role() -> None:
    (problem,) = judge(THIN)
    assert problem.summary == (
        "ServiceAccount kube-system/ebs-csi-controller-sa has no IAM role, and the node's role shop-node "
        "does not "
        "allow ec2:CreateVolume, ec2:AttachVolume and 1 more"
    )
    assert problem.facts == (
        (
            "Role shop-node of node-a and node-b does not allow ec2:CreateVolume, ec2:AttachVolume and "
            "ec2:DetachVolume."
        ),
    )
    provider, create, attach, update, restart, verify = commands(problem)
    assert provider == "eksctl utils associate-iam-oidc-provider --region us-east-1 --cluster shop --approve"
    assert create.startswith(
        "aws iam create-role --role-name AmazonEKS_EBS_CSI_DriverRole --assume-role-policy-document '{"
    )
    assert attach == (
        "aws iam attach-role-policy --role-name AmazonEKS_EBS_CSI_DriverRole "
        "--policy-arn arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    )
    assert update == (
        "aws eks update-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
        "--service-account-role-arn arn:aws:iam::111122223333:role/AmazonEKS_EBS_CSI_DriverRole "
        "--resolve-conflicts PRESERVE"
    )
    assert (restart, verify) == (RESTART, VERIFY)


def test_a_taken_name_and_a_self_managed_driver() -> None:
    (problem,) = judge(THIN, usual=TAKEN, addon=no_addon())
    assert commands(problem)[3] == (
        "kubectl -n kube-system annotate serviceaccount ebs-csi-controller-sa "
        "eks.amazonaws.com/role-arn=arn:aws:iam::111122223333:role/AmazonEKS_EBS_CSI_DriverRole_shop "
        "--overwrite"
    )


def test_a_node_without_role() -> None:
    (problem,) = judge(node_role(resource=None, nodes=("node-a",)))
    assert problem.summary == (
        "ServiceAccount kube-system/ebs-csi-controller-sa has no IAM role, and node node-a has none either"
    )


def test_a_role_that_was_made_is_told_by_another_check() -> None:
    with pytest.raises(
        NotApplicable, match="role shop-ebs-csi was made for it, but is not named in its ServiceAccount"
    ):
        judge(THIN, made=MadeRole(arn=ROLE_ARN, told_by="add-on"))


IN_DOUBT = no_identity(optional_secret="aws-secret")
QUOTE = Excerpt(call="log", excerpt="User: arn:aws:sts::111122223333:assumed-role/shop-node/i-1")


@pytest.mark.parametrize("callers", [(), (Caller(role="keys-of-somebody", quote=QUOTE),)])
def test_keys_in_the_optional_secret_may_do(callers: tuple[Caller, ...]) -> None:
    with pytest.raises(Unavailable) as told:
        judge(THIN, identity=IN_DOUBT, callers=callers)
    assert told.value.reason == ("whether Secret aws-secret exists is not read; it would hold access keys")
    assert judge(node_role(), identity=IN_DOUBT) == []


@pytest.mark.parametrize("role", ["shop-node", ""])
def test_the_drivers_own_words_show_that_there_are_none(role: str) -> None:
    (problem,) = judge(THIN, identity=IN_DOUBT, callers=(Caller(role=role, quote=QUOTE),))
    assert problem.evidence == (QUOTE,)
