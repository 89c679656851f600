from __future__ import annotations

from datetime import timedelta

import pytest

from runbook.checks.ebs.attachments.detached import detached
from runbook.evidence.ebs.holders import Holder
from runbook.model import NotApplicable, Problem, Seen, Unavailable
from tests.given.aftercare import commands
from tests.given.attachments import attachment, holder, mount
from tests.given.nodes import silent_node
from tests.given.target import NOW, pod

LEAVING = attachment("node-b", deleting=True, detach_error="rpc error:\n busy.")


def problems(*found: Holder) -> list[Problem]:
    return list(detached(Seen(found), NOW))


@pytest.mark.parametrize(
    "found",
    [
        (),
        (holder(attachment=attachment("node-b")),),
        (holder(attachment=LEAVING, pods=(pod("orders-9"),)),),
        (holder(attachment=LEAVING, node=silent_node("node-b")),),
    ],
    ids=["nobody", "in use", "a pod is there", "a dead node"],
)
def test_what_is_not_being_detached_is_not_its_business(found: tuple[Holder, ...]) -> None:
    with pytest.raises(NotApplicable, match="no volume of the pods asked about is being detached"):
        problems(*found)


def test_a_pod_of_a_moment_ago() -> None:
    with pytest.raises(Unavailable, match=r"^pod shop/orders-0 began 30 seconds ago; too early to tell$"):
        problems(holder(attachment=LEAVING, mount=mount(pod(created=NOW - timedelta(seconds=30)))))


def test_the_drivers_own_words() -> None:
    (problem,) = problems(holder(attachment=LEAVING))
    assert problem.resource == LEAVING.resource
    assert problem.summary == (
        "volume vol-0a11b22c33d44e55f, which pod shop/orders-0 needs on node node-a, is to be detached from "
        "node node-b and has not been: rpc error: busy"
    )
    assert [e.excerpt for e in problem.evidence] == ["rpc error:\n busy."]
    assert commands(problem) == [f"kubectl describe volumeattachment {LEAVING.resource.name}"]


def test_without_a_word_of_the_driver() -> None:
    (problem,) = problems(holder(node=None, attachment=attachment("node-b", deleting=True)))
    assert problem.brief == "not detached from node-b"
    assert problem.summary.endswith("is to be detached from node node-b and has not been")
    assert problem.evidence == ()
