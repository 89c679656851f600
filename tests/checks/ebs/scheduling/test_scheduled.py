from __future__ import annotations

import pytest

from runbook.checks.ebs.scheduling.scheduled import scheduled
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.claims import Claim
from runbook.model import NotApplicable, Problem, Seen, Unavailable
from tests.given.storage import waiting_claim
from tests.given.target import asked, pod, unplaced


def judged(given: Asked, *claims: Claim) -> list[Problem]:
    return list(scheduled(given, Seen(claims)))


def test_a_pod_on_a_node_is_well() -> None:
    assert judged(asked(pod())) == []


def test_a_pod_that_the_scheduler_has_not_judged_yet() -> None:
    with pytest.raises(Unavailable, match=r"^the scheduler has said nothing of pod shop/orders-0$"):
        judged(asked(unplaced()))


def test_a_pod_for_whose_claim_the_scheduler_has_chosen_a_node() -> None:
    waiting = waiting_claim(selected_node="node-a")
    assert judged(asked(unplaced(claims=(waiting.resource.name,))), waiting) == []


def test_a_pod_behind_scheduling_gates() -> None:
    blocked = "Scheduling is blocked due to non-empty scheduling gates"
    (problem,) = judged(asked(unplaced(blocked, gates=("team/approved", "kueue.x-k8s.io/admission"))))
    assert problem.summary == (
        "pod shop/orders-0 waits behind its scheduling gates team/approved and kueue.x-k8s.io/admission"
    )
    assert [e.excerpt for e in problem.evidence] == [blocked]


def test_no_pod() -> None:
    with pytest.raises(NotApplicable, match="there is no pod to place"):
        judged(asked())


def test_no_node_is_found() -> None:
    (problem,) = judged(asked(unplaced("0/3 nodes are available: 3 Insufficient memory.")))
    assert problem.summary == (
        "the scheduler finds no node for pod shop/orders-0: 0/3 nodes are available: 3 Insufficient memory"
    )
