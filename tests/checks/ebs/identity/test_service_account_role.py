from __future__ import annotations

from typing import Any

import pytest

from runbook.checks.ebs.identity.service_account_role import service_account_role
from runbook.evidence.ebs.callers import Caller
from runbook.evidence.ebs.usual_role import MadeRole
from runbook.model import Excerpt, NotApplicable, Problem, Seen, Unavailable
from tests.given.account import ROLE_ARN, addon, cluster
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.identity import identity, no_identity, node_role, service_account

THIN = node_role(denied=("ec2:CreateVolume",))
WORDS = "ServiceAccount kube-system/ebs-csi-controller-sa names no IAM role, "
ANNOTATE = (
    "kubectl -n kube-system annotate serviceaccount ebs-csi-controller-sa "
    f"eks.amazonaws.com/role-arn={ROLE_ARN} --overwrite"
)
UPDATE = (
    "aws eks update-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
    f"--service-account-role-arn {ROLE_ARN} --resolve-conflicts PRESERVE"
)


def judge(made: Any, **more: Any) -> list[Problem]:
    given: dict[str, Any] = {
        "identity": no_identity(),
        "service_account": service_account(role_arn=""),
        "made_role": made,
        "node_roles": Seen((THIN,)),
        "cluster": cluster(),
        "addon": addon(),
        "callers": (),
        "aftercare": aftercare(),
    }
    return list(service_account_role(**given | more))


def test_the_role_is_named() -> None:
    skipped = NotApplicable("the driver uses IAM roles for service accounts")
    assert judge(skipped, identity=identity(), node_roles=skipped) == []


@pytest.mark.parametrize(
    ("told_by", "why", "first"),
    [
        ("add-on", "although add-on aws-ebs-csi-driver is configured with role shop-ebs-csi", ANNOTATE),
        (
            "pods",
            (
                "although its running pods still carry role shop-ebs-csi, which they lose when they are made "
                "anew"
            ),
            UPDATE,
        ),
        ("trust policy", "although role shop-ebs-csi was made for it", UPDATE),
    ],
)
def test_a_role_was_made_and_is_not_named(told_by: Any, why: str, first: str) -> None:
    (problem,) = judge(MadeRole(arn=ROLE_ARN, told_by=told_by))
    assert problem.summary == WORDS + why
    assert commands(problem) == [first, RESTART, VERIFY]


def test_nodes_that_could_not_be_judged_do_not_excuse_it() -> None:
    (problem,) = judge(MadeRole(arn=ROLE_ARN, told_by="add-on"), node_roles=Unavailable("refused"))
    assert problem.summary.startswith(WORDS)


def test_a_node_role_that_suffices() -> None:
    with pytest.raises(NotApplicable, match="the role of the driver's nodes suffices"):
        judge(MadeRole(arn=ROLE_ARN, told_by="add-on"), node_roles=Seen((node_role(),)))


def test_no_role_was_made() -> None:
    with pytest.raises(NotApplicable, match="no role that was made for the driver is seen"):
        judge(MadeRole())


def test_pod_identity() -> None:
    with pytest.raises(NotApplicable, match="the driver uses EKS Pod Identity"):
        judge(NotApplicable("the driver uses EKS Pod Identity"), identity=identity(mode="pod identity"))


def test_keys_in_the_optional_secret_may_do_where_nobody_chose_the_role() -> None:
    in_doubt = no_identity(optional_secret="aws-secret")
    with pytest.raises(
        Unavailable, match="whether Secret aws-secret exists is not read; it would hold access keys"
    ):
        judge(MadeRole(arn=ROLE_ARN, told_by="trust policy"), identity=in_doubt)
    as_node = Caller(role="shop-node", quote=Excerpt(call="log", excerpt="assumed-role/shop-node/i-1"))
    assert (
        len(judge(MadeRole(arn=ROLE_ARN, told_by="trust policy"), identity=in_doubt, callers=(as_node,))) == 1
    )
    assert len(judge(MadeRole(arn=ROLE_ARN, told_by="add-on"), identity=in_doubt)) == 1
