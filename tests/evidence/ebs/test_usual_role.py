from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.ebs.usual_role import (
    NAME,
    MadeRole,
    UsualRole,
    made_role,
    no_identity,
    usual_role,
)
from runbook.model import NotApplicable, Unavailable
from tests.given.account import ROLE_ARN, addon, cluster, no_addon
from tests.given.driver import absent_controller, controller
from tests.given.identity import identity, policy, service_account, statement
from tests.given.identity import no_identity as none
from tests.given.ports import ABSENT, Table, provided

ARN = f"arn:aws:iam::111122223333:role/{NAME}"
USUAL = UsualRole(arn=ARN, policy=policy())
NO_ROLE = UsualRole(arn="", policy={})


def made(**changes: Any) -> Any:
    given: dict[str, Any] = {
        "no_identity": controller(),
        "identity": none(),
        "cluster": cluster(),
        "service_account": service_account(role_arn=""),
        "addon": no_addon(),
        "usual_role": NO_ROLE,
    }
    return provided(made_role, Table({}), **given | changes)


def test_traces_of_a_role_in_their_order() -> None:
    assert made(addon=addon(), usual_role=USUAL) == MadeRole(arn=ROLE_ARN, told_by="add-on")
    assert made(identity=none(injected_role=ROLE_ARN), usual_role=USUAL) == MadeRole(
        arn=ROLE_ARN, told_by="pods"
    )
    assert made(usual_role=USUAL) == MadeRole(arn=ARN, told_by="trust policy")
    assert made() == MadeRole()


def test_a_role_of_that_name_that_trusts_others_is_none() -> None:
    assert made(usual_role=UsualRole(arn=ARN, policy=policy(statement(federated="arn:other")))) == MadeRole()


def test_a_role_is_not_excluded_unseen() -> None:
    for unseen in ("addon", "usual_role"):
        with pytest.raises(Unavailable, match="refused"):
            made(**{unseen: Unavailable("refused")})


def test_whoever_has_an_identity_is_not_asked_about() -> None:
    with pytest.raises(NotApplicable, match="the driver uses IAM roles for service accounts"):
        provided(no_identity, Table({}), controller=controller(), identity=identity())
    gone = absent_controller()
    assert provided(no_identity, Table({}), controller=gone, identity=NotApplicable("no Deployment")) == gone


def test_the_role_of_the_usual_name() -> None:
    body = {"Role": {"Arn": ARN, "AssumeRolePolicyDocument": policy()}}
    assert provided(usual_role, Table({"iam:GetRole": body}), no_identity=controller()) == USUAL
    assert provided(usual_role, Table({"iam:GetRole": ABSENT}), no_identity=controller()) == NO_ROLE
