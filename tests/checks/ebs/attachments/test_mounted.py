from __future__ import annotations

import pytest

from runbook.checks.ebs.attachments.mounted import mounted
from runbook.evidence.events import Event
from runbook.evidence.pods import Container, Pod
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
    with pytest.raises(
        Unavailable, match="no event tells whether the volumes of pod shop/orders-0 were mounted"
    ):
        problems(*messages)


@pytest.mark.parametrize("state", ["", "CrashLoopBackOff", "ImagePullBackOff"])
def test_no_container_starts_before_its_volumes_are_mounted(state: str) -> None:
    container = Container(name="orders", ready=False, restarts=3, waiting=state)
    assert problems(REFUSED, user=pod(containers=(container,))) == []


def test_an_init_container_that_runs_has_the_volumes_too() -> None:
    runs = Container(name="migrate", ready=False, restarts=0)
    waits = Container(name="orders", ready=False, restarts=0, waiting="PodInitializing")
    assert problems(REFUSED, user=pod(init_containers=(runs,), containers=(waits,))) == []


def test_a_container_that_is_being_made_tells_nothing() -> None:
    waits = Container(name="orders", ready=False, restarts=0, waiting="ContainerCreating")
    (problem,) = problems(REFUSED, user=pod(containers=(waits,)))
    assert problem.brief == "the kubelet cannot mount its volumes"


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
