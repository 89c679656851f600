from __future__ import annotations

import pytest

from runbook.checks.ebs.scheduling.volumes_in_one_zone import volumes_in_one_zone
from runbook.evidence.ebs.attachments import Mount
from runbook.model import NotApplicable, Problem, Seen
from tests.given.account import cluster
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.attachments import mount
from tests.given.storage import volume
from tests.given.target import unplaced

POD = unplaced("0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity.")
NEAR = mount(POD)


def other(*zones: str) -> Mount:
    return mount(POD, volume=volume("pv-2", handle="vol-0b22c33d44e55f66a", zones=zones))


def problems(*mounts: Mount) -> list[Problem]:
    return list(volumes_in_one_zone((POD,), Seen(mounts), cluster(), aftercare()))


def test_two_volumes_of_one_zone() -> None:
    assert problems(NEAR, other("us-east-1a")) == []


def test_zones_that_overlap() -> None:
    assert problems(NEAR, other("us-east-1a", "us-east-1b")) == []


@pytest.mark.parametrize("mounts", [(), (NEAR,), (NEAR, other())], ids=["none", "one", "one of any zone"])
def test_one_volume_is_no_question(mounts: tuple[Mount, ...]) -> None:
    with pytest.raises(NotApplicable, match="no pod without a node has several volumes in zones"):
        problems(*mounts)


def test_volumes_in_two_zones() -> None:
    (problem,) = problems(NEAR, other("us-east-1b"))
    assert problem.resource == POD.resource
    assert problem.summary == (
        "the volumes of pod shop/orders-0 are in different zones (vol-0a11b22c33d44e55f in us-east-1a and "
        "vol-0b22c33d44e55f66a in us-east-1b), so that no node can have both"
    )
    assert [e.excerpt for e in problem.evidence] == [POD.unschedulable]
    assert commands(problem) == [
        (
            "aws ec2 create-snapshot --region us-east-1 --volume-id vol-0b22c33d44e55f66a "
            "--description 'to move shop/data-orders-0'"
        ),
        VERIFY,
    ]
