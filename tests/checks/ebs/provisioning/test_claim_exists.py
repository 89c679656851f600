from __future__ import annotations

from runbook.checks.ebs.provisioning.claim_exists import claim_exists
from runbook.evidence.ebs.claim_clues import MissingClaim
from runbook.model import Seen
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.storage import absent_claim
from tests.given.target import asked, unplaced

SAID = '0/3 nodes are available: persistentvolumeclaim "reports" not found.'


def test_no_claim_is_missing() -> None:
    assert list(claim_exists(Seen(), asked(unplaced()), aftercare())) == []


def test_a_claim_of_another_namespace() -> None:
    pod = unplaced(SAID, claims=("reports",), owner=("", ""))
    missing = MissingClaim(claim=absent_claim("reports"), near=("report",), elsewhere=("default",))
    (problem,) = claim_exists(Seen((missing,)), asked(pod), aftercare())
    assert problem.summary == (
        "claim shop/reports, which pod shop/orders-0 names, does not exist "
        "(near: report; namespace default has one of that name)"
    )
    assert problem.brief == "does not exist; near: report; namespace default has one of that name"
    assert [e.excerpt for e in problem.evidence] == [SAID]
    assert commands(problem) == [
        (
            'printf %s \'{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": '
            '{"name": "reports", '
            '"namespace": "shop"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": '
            '{"requests": {"storage": '
            '"SIZE"}}}}\' | kubectl apply -f -'
        ),
        VERIFY,
    ]


def test_a_claim_that_the_stateful_set_makes() -> None:
    (problem,) = claim_exists(Seen((MissingClaim(claim=absent_claim()),)), asked(unplaced()), aftercare())
    assert problem.summary == "claim shop/data-orders-0, which pod shop/orders-0 names, does not exist"
    assert commands(problem) == ["kubectl -n shop delete pod orders-0", VERIFY]
    assert problem.fix[0].destructive
