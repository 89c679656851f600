from __future__ import annotations

import pytest

from runbook.checks.ebs.scheduling.admitted import admitted
from runbook.model import Resource, Seen, Unavailable
from tests.given.aftercare import commands
from tests.given.target import STATEFUL_SET, quota, refusal

EXCEEDED = (
    'create Pod orders-0 in StatefulSet orders failed error: pods "orders-0" is forbidden: exceeded quota: '
    "shop-pods, requested: pods=1, used: pods=10, limited: pods=10"
)
OVER = r"^it lacks pods, but ResourceQuota shop/shop-pods no longer refuses them$"


def test_a_quota_with_room_again() -> None:
    with pytest.raises(Unavailable, match=OVER):
        list(admitted(Seen((refusal(EXCEEDED, quota=quota(used={"pods": "9"})),))))


def test_a_quota_that_is_gone() -> None:
    gone = Resource(kind="ResourceQuota", namespace="shop", name="shop-pods", exists=False)
    with pytest.raises(Unavailable, match=OVER):
        list(admitted(Seen((refusal(EXCEEDED, quota=quota(resource=gone, hard={})),))))


def test_an_exhausted_quota() -> None:
    (problem,) = admitted(Seen((refusal(EXCEEDED, quota=quota()),)))
    assert problem.resource == Resource(kind="ResourceQuota", namespace="shop", name="shop-pods")
    assert problem.summary == (
        "ResourceQuota shop/shop-pods lets no more pods of StatefulSet shop/orders in: "
        "10 of 10 pods used, 1 more wanted"
    )
    assert commands(problem) == [
        "kubectl -n shop describe resourcequota shop-pods",
        (
            "kubectl -n shop patch resourcequota shop-pods --type merge -p "
            '\'{"spec":{"hard":{"pods":"NEW_LIMIT"}}}\''
        ),
        "kubectl -n shop rollout status statefulset orders",
    ]


def test_a_quota_of_storage() -> None:
    said = (
        "create Claim data-orders-0 for Pod orders-0 in StatefulSet orders failed error: "
        "persistentvolumeclaims "
        '"data-orders-0" is forbidden: exceeded quota: disk, requested: requests.storage=20Gi, '
        "used: requests.storage=90Gi, limited: requests.storage=100Gi"
    )
    storage = quota(
        hard={"requests.storage": "100Gi"},
        used={"requests.storage": "90Gi"},
        requested={"requests.storage": "20Gi"},
    )
    (problem,) = admitted(Seen((refusal(said, quota=storage),)))
    assert problem.summary == (
        "ResourceQuota shop/shop-pods lets no more claims of StatefulSet shop/orders in: "
        "90Gi of 100Gi requests.storage used, 20Gi more wanted"
    )


@pytest.mark.parametrize(
    ("said", "brief"),
    [
        (
            'violates PodSecurity "restricted:latest": runAsNonRoot != true',
            "the namespace's Pod Security level",
        ),
        ('admission webhook "validate.kyverno.svc" denied the request: no', "an admission webhook"),
        ("ValidatingAdmissionPolicy 'x' with binding 'y' denied request", "an admission policy"),
        ('error looking up service account shop/x: serviceaccount "x" not found', "a missing ServiceAccount"),
        ("no PriorityClass with name x was found", "a missing PriorityClass"),
        (
            "failed quota: q: must specify limits.cpu",
            "a quota that wants requests or limits in every container",
        ),
        ("maximum cpu usage per Container is 1, but limit is 2", "a LimitRange of the namespace"),
        ("something new", "the API server"),
    ],
)
def test_others_who_refuse(said: str, brief: str) -> None:
    (problem,) = admitted(Seen((refusal(said),)))
    assert problem.resource == STATEFUL_SET
    assert problem.summary == f"{brief} keeps the pods of StatefulSet shop/orders out: {said}"
    assert commands(problem) == [
        "kubectl -n shop edit statefulset orders",
        "kubectl -n shop rollout status statefulset orders",
    ]
