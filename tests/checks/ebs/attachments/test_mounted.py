from __future__ import annotations

import pytest

from runbook.checks.ebs.attachments.mounted import mounted
from runbook.evidence.objects import Event, Pod
from runbook.model import NotApplicable, Problem, Seen, Unavailable
from tests.given.attachments import mount
from tests.given.target import asked, event, pod, unplaced

LATE = "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[]: timed out waiting"
OTHERS = (
    "Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[]: timed out waiting"
)
REFUSED = 'MountVolume.MountDevice failed for volume "pv-orders" : driver name ebs.csi.aws.com not found'
SECRET = 'MountVolume.SetUp failed for volume "config" : secret "x" not found'


def problems(*messages: str, user: Pod | None = None) -> list[Problem]:
    about = user or pod()
    events: list[Event] = [event("FailedMount", message) for message in messages]
    return list(mounted(asked(about), Seen((mount(about),)), Seen(tuple(events))))


@pytest.mark.parametrize("messages", [(), (SECRET,), (OTHERS,)])
def test_other_volumes_are_not_its_business(messages: tuple[str, ...]) -> None:
    assert problems(*messages) == []


def test_a_ready_pod_is_well() -> None:
    assert problems(REFUSED, user=pod(ready=True)) == []


def test_a_pod_without_node() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about is on a node with claims"):
        problems(user=unplaced())


def test_the_words_about_one_volume_tell_more() -> None:
    (problem,) = problems(LATE, REFUSED)
    assert problem.summary == f"the kubelet cannot mount the volumes of pod shop/orders-0: {REFUSED}"


def test_out_of_time() -> None:
    (problem,) = mounted(asked(pod()), Unavailable("refused"), Seen((event("FailedMount", LATE),)))
    assert problem.summary == f"the kubelet cannot mount the volumes of pod shop/orders-0: {LATE}"
    assert [e.excerpt for e in problem.evidence] == [f"FailedMount: {LATE}"]
