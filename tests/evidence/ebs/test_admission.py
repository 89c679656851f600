from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from runbook.evidence.ebs.admission import Quota, Refusal, refusals
from runbook.evidence.ebs.target import Target
from runbook.model import NotApplicable, Resource, Seen
from runbook.recording import Answer
from tests.given.ports import ABSENT, Table, provided
from tests.given.target import NOW, STATEFUL_SET, absent, pod, quota, target, workload

EXCEEDED = (
    'create Pod orders-0 in StatefulSet orders failed error: pods "orders-0" is forbidden: exceeded quota: '
    "shop-pods, requested: pods=1, used: pods=10, limited: pods=10"
)
QUOTA = {
    "metadata": {"name": "shop-pods", "namespace": "shop"},
    "status": {"hard": {"pods": "10"}, "used": {"pods": "10"}},
}
LACKING = workload(made=0, ready=0)
DEPLOYMENT = Resource(kind="Deployment", namespace="shop", name="web")


def event(reason: str, message: str, *, minutes: int, uid: str = "") -> dict[str, Any]:
    last = (NOW - timedelta(minutes=minutes)).isoformat()
    about = {"kind": "StatefulSet", "namespace": "shop", "name": "orders", "uid": uid}
    return {
        "metadata": {"name": f"{reason}-{minutes}-{uid}", "namespace": "shop"},
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "lastTimestamp": last,
    }


def ask(about: Target, *events: dict[str, Any], **answers: Any) -> Seen[Refusal]:
    table = Table({"k8s:list events": {"items": list(events)}, "k8s:get resourcequotas": QUOTA, **answers})
    found: Seen[Refusal] = provided(refusals, table, target=about, now=NOW)
    return found


def test_a_pod_that_exists_was_let_in() -> None:
    with pytest.raises(NotApplicable, match="the pods exist"):
        ask(target(pod()))


def test_a_pod_that_nobody_makes() -> None:
    with pytest.raises(NotApplicable, match="no workload is known that would make the pod"):
        ask(absent())


def test_a_workload_that_lacks_no_pod() -> None:
    with pytest.raises(NotApplicable, match="StatefulSet shop/orders lacks no pod"):
        ask(target(workload=workload()), event("FailedCreate", EXCEEDED, minutes=1))


def test_the_quota_that_refuses() -> None:
    (found,) = ask(absent(workload=LACKING), event("FailedCreate", EXCEEDED, minutes=1))
    assert (found.workload, found.event.message) == (STATEFUL_SET, EXCEEDED)
    assert found.quota == quota()
    assert found.quota.short == ("pods",)


def test_a_quota_that_was_removed() -> None:
    said = event("FailedCreate", EXCEEDED, minutes=1)
    (found,) = ask(absent(workload=LACKING), said, **{"k8s:get resourcequotas": ABSENT})
    assert found.quota is not None
    assert (found.quota.resource.exists, found.quota.short) == (False, ())


def test_a_quota_that_may_not_be_read_is_a_gap() -> None:
    refused = Answer(outcome="refused", message="resourcequotas is forbidden")
    said = event("FailedCreate", EXCEEDED, minutes=1)
    found = ask(absent(workload=LACKING), said, **{"k8s:get resourcequotas": refused})
    assert found.items == ()
    assert [gap.reason for gap in found.gaps] == ["resourcequotas is forbidden"]


@pytest.mark.parametrize(
    "events",
    [
        (),
        (event("FailedCreate", EXCEEDED, minutes=61),),
        (event("FailedCreate", EXCEEDED, minutes=9), event("SuccessfulCreate", "made", minutes=1)),
    ],
)
def test_what_is_over_is_no_refusal(events: tuple[dict[str, Any], ...]) -> None:
    found = ask(absent(workload=LACKING), *events)
    assert found.items == ()
    assert [gap.reason for gap in found.gaps] == ["it lacks pods, and no event of the last hour says why"]


def test_of_a_deployment_its_replica_sets_speak() -> None:
    def replica_set(uid: str, owner: str, replicas: int) -> dict[str, Any]:
        owners = [{"kind": "Deployment", "name": owner}]
        metadata = {"name": f"rs-{uid}", "namespace": "shop", "uid": uid, "ownerReferences": owners}
        return {"metadata": metadata, "spec": {"replicas": replicas}}

    sets = {"items": [replica_set("a", "web", 1), replica_set("b", "web", 0), replica_set("c", "other", 1)]}
    said = [
        event("FailedCreate", f"said by {uid}", minutes=n, uid=uid) for n, uid in enumerate("cba", start=1)
    ]
    about = absent(workload=workload(resource=DEPLOYMENT, made=0))
    (found,) = ask(about, *said, **{"k8s:list replicasets": sets})
    assert (found.event.message, found.quota) == ("said by a", None)


def test_amounts_in_other_units_are_compared() -> None:
    storage = Quota(
        resource=Resource(kind="ResourceQuota", namespace="shop", name="disk"),
        hard={"requests.storage": "100Gi", "pods": "10"},
        used={"requests.storage": "81920Mi"},
        requested={"requests.storage": "20Gi", "requests.cpu": "1"},
    )
    assert storage.short == ()
