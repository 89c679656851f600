from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.ebs.claim_clues import MissingClaim, classless, missing_claims
from runbook.model import NotApplicable, Seen
from tests.given.ports import Table, provided
from tests.given.storage import absent_claim, claim, storage_class, waiting_claim
from tests.given.target import asked, pod, unplaced


def named(*paths: str) -> list[dict[str, Any]]:
    return [{"metadata": dict(zip(("namespace", "name"), path.split("/"), strict=True))} for path in paths]


def test_nothing_is_asked_while_all_claims_exist() -> None:
    assert provided(missing_claims, Table({}), asked=asked(pod()), claims=Seen((claim(),))) == Seen()


def test_pods_without_claims() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about names a claim"):
        provided(missing_claims, Table({}), asked=asked(pod(claims=())), claims=Seen())


def test_claims_that_no_pod_names_are_not_missing() -> None:
    expected = Seen((absent_claim("data-orders-1"),))
    assert provided(missing_claims, Table({}), asked=asked(pod()), claims=expected) == Seen()


def test_near_names_and_namesakes() -> None:
    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        if "fieldSelector" in parameters:
            assert parameters == {"fieldSelector": "metadata.name=reports"}
            return {"items": named("default/reports")}
        return {"items": named("shop/report", "shop/data-orders-0")}

    table = Table({"k8s:list persistentvolumeclaims": answer})
    gone = absent_claim("reports")
    found = provided(missing_claims, table, asked=asked(unplaced(claims=("reports",))), claims=Seen((gone,)))
    assert found.items == (MissingClaim(claim=gone, near=("report",), elsewhere=("default",)),)


@pytest.mark.parametrize(("volumes_class", "left"), [("by-hand", 0), ("gp3", 1)])
def test_a_volume_of_the_class_says_that_it_serves_static_volumes(volumes_class: str, left: int) -> None:
    there = {"metadata": {"name": "pv"}, "spec": {"storageClassName": volumes_class}}
    table = Table({"k8s:list persistentvolumes": {"items": [there]}})
    wanting = Seen((waiting_claim(storage_class="by-hand"),))
    found = provided(classless, table, claims=wanting, storage_classes=(storage_class(),))
    assert len(found) == left


def test_no_list_of_volumes_while_the_classes_exist() -> None:
    known = Seen((waiting_claim(), claim(storage_class="gone"), waiting_claim(storage_class=None)))
    assert provided(classless, Table({}), claims=known, storage_classes=(storage_class(),)) == Seen()
