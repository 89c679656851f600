from __future__ import annotations

from datetime import timedelta

import pytest

from runbook.checks.ebs.attachments.attached import attached
from runbook.evidence.ebs.attachments import Attachment
from runbook.evidence.events import Event
from runbook.evidence.pods import Pod
from runbook.model import NotApplicable, Problem, Seen, Unavailable
from tests.given.attachments import absent_attachment, attachment, mount
from tests.given.target import NOW, event, pod, unplaced

MULTI = 'Multi-Attach error for volume "pv-orders" Volume is already used by pod(s) orders-9'


def problems(found: Attachment, *events: Event, user: Pod | None = None) -> list[Problem]:
    return list(attached(Seen((mount(user),)), Seen((found,)), Seen(events), NOW))


def test_an_attached_volume_is_well_whatever_events_say() -> None:
    assert problems(attachment(), event("FailedAttachVolume", MULTI)) == []


def test_a_ready_pod_is_well() -> None:
    assert problems(absent_attachment(), user=pod(ready=True)) == []


def test_a_pod_of_a_moment_ago() -> None:
    with pytest.raises(Unavailable, match=r"^pod shop/orders-0 began 30 seconds ago; too early to tell$"):
        problems(absent_attachment(), user=pod(created=NOW - timedelta(seconds=30)))


def test_pods_without_node() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about is on a node"):
        problems(attachment(), user=unplaced())


def test_no_volume_yet() -> None:
    with pytest.raises(NotApplicable, match="no pod asked about has an EBS volume yet"):
        list(attached(Seen(), Seen(), Seen(), NOW))


def test_no_attachment_is_asked_for() -> None:
    (problem,) = problems(absent_attachment(), event("FailedAttachVolume", MULTI))
    assert problem.summary == (
        "no VolumeAttachment asks for volume vol-0a11b22c33d44e55f on node node-a, where pod shop/orders-0 has "
        f"needed it for 52 minutes: {MULTI}"
    )
    assert [e.excerpt for e in problem.evidence] == [f"FailedAttachVolume: {MULTI}"]


def test_the_drivers_own_words() -> None:
    failed = attachment(attached=False, error="rpc error:\n no.", error_at=NOW)
    (problem,) = problems(failed)
    assert problem.summary == (
        "volume vol-0a11b22c33d44e55f has not been attached to node node-a of pod shop/orders-0 "
        "after 52 minutes: rpc error: no"
    )
    assert [(e.excerpt, e.at) for e in problem.evidence] == [("rpc error:\n no.", "2026-11-21T06:30:00Z")]


def test_the_words_about_another_volume_are_not_quoted() -> None:
    other = event("FailedAttachVolume", 'AttachVolume.Attach failed for volume "pv-other" : no')
    (problem,) = problems(attachment(attached=False), other)
    assert problem.evidence == ()
