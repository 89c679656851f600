from __future__ import annotations

from typing import Any

import pytest

from runbook.checks.ebs.identity.pods_up_to_date import pods_up_to_date
from runbook.evidence.ebs.callers import Caller
from runbook.model import Excerpt, NotApplicable, Problem, Unavailable
from tests.given.account import ROLE_ARN
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.driver import controller, controller_pod
from tests.given.identity import identity, no_identity, service_account

QUOTE = Excerpt(call="log", excerpt="User: arn:aws:sts::111122223333:assumed-role/shop-node/i-1")
AS_NODE = Caller(role="shop-node", quote=QUOTE)
WITH = controller_pod(env=(("ebs-plugin", "AWS_ROLE_ARN", ROLE_ARN),))


def judge(*callers: Caller, **changes: Any) -> list[Problem]:
    given: dict[str, Any] = {
        "present_controller": controller(),
        "controller_pods": (controller_pod(),),
        "identity": identity(injected_role=""),
        "service_account": service_account(),
        "callers": callers,
        "aftercare": aftercare(),
    }
    return list(pods_up_to_date(**given | changes))


def test_pods_that_carry_it() -> None:
    assert judge(AS_NODE, controller_pods=(WITH,)) == []


def test_one_that_is_about_to_end() -> None:
    assert judge(AS_NODE, controller_pods=(WITH, controller_pod(terminating=True))) == []


def test_pods_older_than_the_annotation() -> None:
    (problem,) = judge(AS_NODE)
    assert problem.summary == (
        "the controller's pods were made without role shop-ebs-csi, which ServiceAccount "
        "kube-system/ebs-csi-controller-sa names now, and work as role shop-node"
    )
    assert problem.facts == ("AWS_ROLE_ARN is missing in kube-system/ebs-csi-controller-a.",)
    assert problem.evidence == (QUOTE,)
    assert commands(problem) == [RESTART, VERIFY]


def test_pods_older_than_the_association() -> None:
    (problem,) = judge(
        Caller(role="", quote=QUOTE), identity=identity(mode="pod identity", association_role=ROLE_ARN)
    )
    assert problem.summary == (
        "the controller's pods were made without role shop-ebs-csi, which EKS Pod Identity gives to "
        "ServiceAccount kube-system/ebs-csi-controller-sa now, and have no credentials"
    )


@pytest.mark.parametrize("callers", [(), (Caller(role="shop-ebs-csi", quote=QUOTE),)])
def test_without_proof_that_they_need_it(callers: tuple[Caller, ...]) -> None:
    with pytest.raises(Unavailable) as told:
        judge(*callers)
    assert told.value.reason == (
        "kube-system/ebs-csi-controller-a do not carry role shop-ebs-csi, "
        "and nothing seen tells with which role they work"
    )


def test_no_identity_of_its_own() -> None:
    with pytest.raises(NotApplicable, match="the controller is given no identity of its own"):
        judge(AS_NODE, identity=no_identity())
