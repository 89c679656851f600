from __future__ import annotations

from runbook.evidence.ebs.chain_driver import add_identity
from runbook.evidence.ebs.permissions import Permissions
from runbook.graph import GraphBuilder
from runbook.model import NotApplicable, Unavailable
from tests.given.account import ROLE_ARN
from tests.given.driver import controller
from tests.given.identity import no_identity, provider, role, service_account

SKIPPED = NotApplicable("the driver does not use IAM roles for service accounts")
POD_IDENTITY = no_identity(mode="pod identity", association_role=ROLE_ARN)


def rows(build: GraphBuilder) -> list[tuple[int, str, str, str]]:
    graph = build.build()
    walked = [*graph.walk([controller().resource])][1:]
    return [(depth, r.kind, graph.links[r].says, graph.links[r].status) for r, depth in walked]


def started() -> GraphBuilder:
    build = GraphBuilder()
    build.add(controller().resource, "2 of 2 ready")
    return build


def test_web_identity_leads_to_the_role_and_the_provider() -> None:
    build = started()
    add_identity(build, controller().resource, service_account(), SKIPPED, role(), provider(), SKIPPED)
    assert rows(build) == [
        (1, "ServiceAccount", "ok: names role shop-ebs-csi", "ok"),
        (2, "Role", "ok", "ok"),
        (3, "OIDCProvider", "ok", "ok"),
    ]


def test_pod_identity_leads_to_the_role() -> None:
    build = started()
    read = Permissions(role=role().resource)
    account = service_account(role_arn="")
    add_identity(build, controller().resource, account, POD_IDENTITY, SKIPPED, SKIPPED, read)
    assert rows(build) == [
        (1, "ServiceAccount", f"ok: the driver uses EKS Pod Identity (role {ROLE_ARN})", "ok"),
        (2, "Role", "ok: given by EKS Pod Identity", "ok"),
    ]


def test_a_role_that_could_not_be_read_is_unknown() -> None:
    build = started()
    unread = Unavailable("refused")
    account = service_account(role_arn="")
    add_identity(build, controller().resource, account, POD_IDENTITY, SKIPPED, SKIPPED, unread)
    assert rows(build)[1] == (2, "Role", "could not be read", "unknown")
