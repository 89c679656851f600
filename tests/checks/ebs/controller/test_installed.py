from __future__ import annotations

from typing import Any

import pytest

from runbook.checks.ebs.controller.installed import installed
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.usual_role import NAME, UsualRole
from runbook.model import NotApplicable, Problem, Resource, Unavailable
from tests.given.account import addon, cluster, no_addon
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.driver import absent_controller, controller
from tests.given.identity import policy

WAITING = Claim(
    resource=Resource(kind="PersistentVolumeClaim", namespace="shop", name="data-orders-0"), phase="Pending"
)
USUAL_ARN = f"arn:aws:iam::111122223333:role/{NAME}"
INSTALL = (
    "aws eks create-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
    f"--service-account-role-arn {USUAL_ARN}"
)


def judge(**changes: Any) -> list[Problem]:
    given: dict[str, Any] = {
        "controller": absent_controller(),
        "unserved_claims": (WAITING,),
        "cluster": cluster(),
        "addon": no_addon(),
        "usual_role": UsualRole(arn="", policy={}),
        "aftercare": aftercare(),
    }
    return list(installed(**given | changes))


def test_it_is_there() -> None:
    assert judge(controller=controller()) == []


def test_not_installed() -> None:
    (problem,) = judge()
    assert problem.summary == (
        "there is no Deployment kube-system/ebs-csi-controller and no other of the driver: "
        "aws-ebs-csi-driver is not installed"
    )
    provider, create, attach, install, verify = commands(problem)
    assert provider == "eksctl utils associate-iam-oidc-provider --region us-east-1 --cluster shop --approve"
    assert create.startswith(f"aws iam create-role --role-name {NAME} --assume-role-policy-document '{{")
    assert attach.startswith(f"aws iam attach-role-policy --role-name {NAME} --policy-arn ")
    assert (install, verify) == (INSTALL, VERIFY)


def test_a_ready_made_role_is_used() -> None:
    (problem,) = judge(usual_role=UsualRole(arn=USUAL_ARN, policy=policy()))
    assert commands(problem) == [INSTALL, VERIFY]


def test_a_role_of_that_name_for_others_is_left_alone() -> None:
    (problem,) = judge(usual_role=UsualRole(arn=USUAL_ARN, policy={"Statement": []}))
    assert commands(problem)[3] == INSTALL.replace(USUAL_ARN, USUAL_ARN + "_shop")


def test_the_add_on_lost_its_deployment() -> None:
    (problem,) = judge(addon=addon(status="DEGRADED"))
    assert problem.summary == (
        "there is no Deployment kube-system/ebs-csi-controller, although add-on aws-ebs-csi-driver is "
        "installed (DEGRADED)"
    )
    assert commands(problem) == [
        (
            "aws eks update-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
            "--resolve-conflicts OVERWRITE"
        ),
        VERIFY,
    ]


def test_auto_mode_needs_none() -> None:
    with pytest.raises(NotApplicable, match="EKS Auto Mode provides block storage here"):
        judge(cluster=cluster(auto_mode_storage=True), unserved_claims=())


def test_auto_mode_does_not_serve_this_driver() -> None:
    (problem,) = judge(cluster=cluster(auto_mode_storage=True))
    assert problem.summary == (
        "there is no Deployment kube-system/ebs-csi-controller, and EKS Auto Mode does not serve claim "
        "shop/data-orders-0, which waits for ebs.csi.aws.com"
    )


def test_without_aws_auto_mode_cannot_be_excluded() -> None:
    with pytest.raises(Unavailable, match="refused"):
        judge(cluster=Unavailable("refused"), unserved_claims=())
    (problem,) = judge(cluster=Unavailable("refused"), addon=Unavailable("refused"))
    assert commands(problem) == [VERIFY]
