from __future__ import annotations

import pytest

from runbook.checks.ebs.provisioning.bound import bound
from runbook.model import NotApplicable, Seen, Unavailable
from tests.given.storage import absent_claim, absent_volume, claim, waiting_claim
from tests.given.target import NOW, event


def test_bound_and_absent_claims_are_not_its_business() -> None:
    assert list(bound(Seen((claim(), absent_claim("other"))), Seen(), NOW)) == []


def test_no_claim_at_all() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about uses a claim"):
        list(bound(Seen(), Seen(), NOW))


def test_a_claim_that_does_not_exist() -> None:
    with pytest.raises(NotApplicable, match="no claim asked about exists"):
        list(bound(Seen((absent_claim(),)), Seen(), NOW))


def test_a_claim_without_phase() -> None:
    with pytest.raises(Unavailable, match=r"^claim shop/data-orders-0 has no phase yet$"):
        list(bound(Seen((claim(phase=""),)), Seen(), NOW))


@pytest.mark.parametrize("phase", ["Lost", "Bound"])
def test_a_claim_whose_volume_is_gone(phase: str) -> None:
    (problem,) = bound(Seen((claim(phase=phase),)), Seen((absent_volume(),)), NOW)
    assert problem.summary == (
        f"claim shop/data-orders-0 is {phase}: PersistentVolume pv-orders, to which it was bound, does not exist"
    )
    assert problem.brief == "its PersistentVolume does not exist"


def test_a_lost_claim_whose_volume_could_not_be_read() -> None:
    (problem,) = bound(Seen((claim(phase="Lost"),)), Unavailable("refused"), NOW)
    assert problem.summary == "claim shop/data-orders-0 is Lost"


def test_a_message_becomes_part_of_the_sentence() -> None:
    said = event("ProvisioningFailed", "rpc error:\n  no.")
    (problem,) = bound(Seen((waiting_claim(events=(said,)),)), Unavailable("refused"), NOW)
    assert problem.summary == (
        "claim shop/data-orders-0 has been Pending for 52 minutes: ProvisioningFailed: rpc error: no"
    )


def test_the_most_telling_event_comes_first() -> None:
    events = (event("ExternalProvisioning", "Waiting for a volume"), event("ProvisioningFailed", "no"))
    (problem,) = bound(Seen((waiting_claim(events=events),)), Seen(), NOW)
    assert problem.summary == (
        "claim shop/data-orders-0 has been Pending for 52 minutes: ProvisioningFailed: no"
    )
    assert [e.excerpt for e in problem.evidence] == [
        "ProvisioningFailed: no",
        "ExternalProvisioning: Waiting for a volume",
    ]
