from __future__ import annotations

import pytest

from runbook.checks.ebs.scheduling.scheduled import scheduled
from runbook.model import NotApplicable, Unavailable
from tests.given.target import asked, pod, unplaced


def test_a_pod_on_a_node_is_well() -> None:
    assert list(scheduled(asked(pod()))) == []


def test_a_pod_that_the_scheduler_has_not_judged_yet() -> None:
    with pytest.raises(Unavailable, match=r"^the scheduler has said nothing of pod shop/orders-0$"):
        list(scheduled(asked(unplaced())))


def test_a_pod_behind_scheduling_gates() -> None:
    blocked = "Scheduling is blocked due to non-empty scheduling gates"
    (problem,) = scheduled(asked(unplaced(blocked, gates=("team/approved", "kueue.x-k8s.io/admission"))))
    assert problem.summary == (
        "pod shop/orders-0 waits behind its scheduling gates team/approved and kueue.x-k8s.io/admission"
    )
    assert [e.excerpt for e in problem.evidence] == [blocked]


def test_no_pod() -> None:
    with pytest.raises(NotApplicable, match="there is no pod to place"):
        list(scheduled(asked()))


def test_no_node_is_found() -> None:
    (problem,) = scheduled(asked(unplaced("0/3 nodes are available: 3 Insufficient memory.")))
    assert problem.summary == (
        "the scheduler finds no node for pod shop/orders-0: 0/3 nodes are available: 3 Insufficient memory"
    )
