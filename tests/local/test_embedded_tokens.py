"""A world's cluster and account know each other: the roles of the one are users of the other."""

from __future__ import annotations

from runbook.local.embedded import embedded
from runbook.local.healthy import healthy
from runbook.permissions import GROUP
from runbook.ports.token import eks_token
from tests.local.aws_account import ACCOUNT
from tests.local.kubernetes_api import ask
from tests.local.test_aws_principals import NEAR, SESSION, STEPS, session, trusts


def test_the_cluster_knows_the_roles_of_its_account() -> None:
    world = healthy()
    world.aws["roles"]["steps"] = trusts({"AWS": ACCOUNT})
    entry = {"principalArn": STEPS, "kubernetesGroups": [GROUP]}
    world.aws["accessEntries"] = {STEPS: entry}
    with embedded(world) as servers:
        token = eks_token("shop", session=session(servers.aws))
        stranger = eks_token("shop", session=session(servers.aws, role=NEAR))
        assert ask(servers.kubernetes, "/api/v1/nodes", token=token).code == 200
        assert ask(servers.kubernetes, "/api/v1/secrets", token=token).refusal == (
            403,
            "Forbidden",
            f'secrets is forbidden: User "{SESSION}" cannot list resource "secrets" in API group "" at the cluster'
            " scope",
        )
        refusal = ask(servers.kubernetes, "/api/v1/nodes", token=stranger).refusal
        assert refusal == (401, "Unauthorized", "Unauthorized")
