from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.checks.ebs.identity.service_account_exists import service_account_exists
from runbook.evidence.ebs.usual_role import MadeRole
from runbook.model import NotApplicable, Problem, Unavailable
from tests.given.account import ROLE_ARN, addon, cluster, no_addon
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.driver import controller
from tests.given.identity import no_identity, service_account

GONE = service_account(role_arn="", resource=replace(service_account().resource, exists=False))
REFUSED = (
    'pods "ebs-csi-controller-1-" is forbidden: error looking up service account '
    'kube-system/ebs-csi-controller-sa: serviceaccount "ebs-csi-controller-sa" not found'
)
CREATE = "kubectl -n kube-system create serviceaccount ebs-csi-controller-sa"
ANNOTATE = (
    "kubectl -n kube-system annotate serviceaccount ebs-csi-controller-sa "
    "eks.amazonaws.com/role-arn={} --overwrite"
)


def judge(**changes: Any) -> list[Problem]:
    given: dict[str, Any] = {
        "present_controller": controller(),
        "service_account": GONE,
        "identity": no_identity(),
        "made_role": MadeRole(),
        "cluster": cluster(),
        "addon": addon(),
        "aftercare": aftercare(),
    }
    return list(service_account_exists(**given | changes))


def test_it_is_there() -> None:
    assert judge(service_account=service_account()) == []


def test_it_is_gone() -> None:
    (problem,) = judge(present_controller=controller(ready=0, refused=REFUSED))
    assert problem.summary == (
        "ServiceAccount kube-system/ebs-csi-controller-sa, which controller kube-system/ebs-csi-controller "
        "names, does not exist"
    )
    assert [quote.excerpt for quote in problem.evidence] == [REFUSED]
    assert commands(problem) == [
        (
            "aws eks update-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
            "--resolve-conflicts OVERWRITE"
        ),
        RESTART,
        VERIFY,
    ]


def test_another_refusal_of_its_pods_is_not_quoted() -> None:
    (problem,) = judge(present_controller=controller(refused="exceeded quota: pods"))
    assert problem.evidence == ()


def test_self_managed() -> None:
    (problem,) = judge(addon=no_addon(), made_role=MadeRole(arn=ROLE_ARN, told_by="pods"))
    assert commands(problem) == [CREATE, ANNOTATE.format(ROLE_ARN), RESTART, VERIFY]


def test_nobody_knows_its_role() -> None:
    (problem,) = judge(addon=Unavailable("refused"), made_role=Unavailable("refused"))
    assert commands(problem) == [CREATE, ANNOTATE.format("ROLE_ARN"), RESTART, VERIFY]


def test_pod_identity_needs_no_annotation() -> None:
    (problem,) = judge(
        addon=no_addon(),
        identity=no_identity(mode="pod identity", association_role=ROLE_ARN),
        made_role=NotApplicable("the driver uses EKS Pod Identity"),
    )
    assert commands(problem) == [CREATE, RESTART, VERIFY]
