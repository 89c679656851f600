from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from runbook.evidence.ebs.identity import Identity, described, identity
from runbook.model import Unavailable
from tests.given.account import ROLE_ARN, cluster
from tests.given.driver import controller, controller_pod
from tests.given.identity import service_account
from tests.given.ports import Table, provided

OPTIONAL = {"AWS_ACCESS_KEY_ID": "optional secret:aws-secret"}
POD_IDENTITY = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"}
NONE: dict[str, Any] = {"eks:ListPodIdentityAssociations": {"associations": []}}
ASSOCIATED = {
    "eks:ListPodIdentityAssociations": {"associations": [{"associationId": "a-1"}]},
    "eks:DescribePodIdentityAssociation": {"association": {"roleArn": ROLE_ARN}},
}


def env(variables: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    return tuple(("ebs-plugin", name, value) for name, value in variables.items())


def ask(
    *pods: dict[str, str], role: str = "", answers: Any = NONE, template: dict[str, str] | None = None
) -> Identity:
    found: Identity = provided(
        identity,
        Table(answers),
        cluster=cluster(),
        service_account=service_account(role_arn=role),
        present_controller=controller(env=env(template or {})),
        controller_pods=tuple(controller_pod(env=env(one)) for one in pods),
    )
    return found


def test_an_optional_secret_proves_nothing() -> None:
    assert ask(OPTIONAL) == Identity(mode="none", optional_secret="aws-secret")
    assert ask({**OPTIONAL, "AWS_ROLE_ARN": ROLE_ARN}, role=ROLE_ARN) == Identity(
        mode="web identity", injected_role=ROLE_ARN
    )


def test_access_keys() -> None:
    held = ask({"AWS_ACCESS_KEY_ID": "secret:keys"}, role=ROLE_ARN)
    plain = ask({"AWS_ACCESS_KEY_ID": "(redacted)"})
    assert (held.mode, described(held)) == ("static keys", "access keys from Secret keys")
    assert (plain.mode, described(plain)) == ("static keys", "access keys")


def test_an_annotation_counts_where_the_pods_have_not_pod_identity_instead() -> None:
    assert ask({}, role=ROLE_ARN).mode == "web identity"
    assert ask(POD_IDENTITY, role=ROLE_ARN, answers=ASSOCIATED).mode == "pod identity"
    both = {**POD_IDENTITY, "AWS_ROLE_ARN": ROLE_ARN}
    assert ask(both, role=ROLE_ARN).mode == "web identity"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"AWS_PROFILE": "ebs"}, "AWS_PROFILE"),
        ({"AWS_CONFIG_FILE": "/a"}, "AWS_CONFIG_FILE"),
        ({"AWS_SHARED_CREDENTIALS_FILE": "/a"}, "AWS_SHARED_CREDENTIALS_FILE"),
        ({"envFrom": "all"}, "envFrom of its container"),
    ],
)
def test_other_sources_are_not_looked_into(variables: dict[str, str], words: str) -> None:
    for given in ({"template": variables}, {}):
        with pytest.raises(Unavailable) as told:
            ask(variables, role=ROLE_ARN, **given)
        assert told.value.reason == (
            f"the driver may have credentials from {words}, which is not looked into"
        )


def test_a_role_in_the_pod_template_was_put_there_by_hand() -> None:
    with pytest.raises(Unavailable, match="the driver may have credentials from AWS_ROLE_ARN"):
        ask({"AWS_ROLE_ARN": ROLE_ARN}, template={"AWS_ROLE_ARN": ROLE_ARN})


def test_the_youngest_pod_that_stays_counts() -> None:
    old = controller_pod(created=datetime(2026, 11, 1, tzinfo=UTC))
    new = controller_pod(env=env({"AWS_ROLE_ARN": ROLE_ARN}))
    ending = controller_pod(created=datetime(2026, 11, 20, tzinfo=UTC), terminating=True)
    found = provided(
        identity,
        Table({}),
        cluster=cluster(),
        service_account=service_account(),
        present_controller=controller(),
        controller_pods=(old, new, ending),
    )
    assert found.injected_role == ROLE_ARN
