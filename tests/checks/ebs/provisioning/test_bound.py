from __future__ import annotations

import pytest

from runbook.checks.ebs.provisioning.bound import bound
from runbook.model import NotApplicable, Seen
from tests.given.storage import absent_claim, claim, waiting_claim
from tests.given.target import NOW, event


def test_bound_and_absent_claims_are_not_its_business() -> None:
    assert list(bound(Seen((claim(), absent_claim("other"))), NOW)) == []


def test_no_claim_at_all() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about uses a claim"):
        list(bound(Seen(), NOW))


def test_the_most_telling_event_comes_first() -> None:
    events = (event("ExternalProvisioning", "Waiting for a volume"), event("ProvisioningFailed", "no"))
    (problem,) = bound(Seen((waiting_claim(events=events),)), NOW)
    assert problem.summary == (
        "claim shop/data-orders-0 has been Pending for 52 minutes: ProvisioningFailed: no"
    )
    assert [e.excerpt for e in problem.evidence] == [
        "ProvisioningFailed: no",
        "ExternalProvisioning: Waiting for a volume",
    ]
