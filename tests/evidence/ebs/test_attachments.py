from __future__ import annotations

from typing import Any

from runbook.evidence.ebs.attachments import Attachment, attachments, pod_mounts
from runbook.model import Seen, Unavailable
from tests.given.attachments import absent_attachment, attachment, mount
from tests.given.ports import ABSENT, Table, provided
from tests.given.storage import claim, volume, waiting_claim
from tests.given.target import NOW, asked, pod, unplaced


def body(parameters: dict[str, Any]) -> dict[str, Any]:
    failed = {"message": "rpc error: no", "time": "2026-11-21T06:30:00Z"}
    return {
        "metadata": {"name": parameters["name"]},
        "spec": {"nodeName": "node-a"},
        "status": {"attached": False, "attachError": failed},
    }


def test_which_pods_use_which_volumes() -> None:
    pods = asked(pod(), unplaced(claims=("data-1", "data-2")))
    claims = (claim(), claim("data-1", volume="pv-efs"), waiting_claim("data-2"))
    volumes = (volume(), volume("pv-efs", driver="efs.csi.aws.com"))
    found = provided(pod_mounts, Table({}), asked=pods, claims=Seen(claims), volumes=Seen(volumes))
    assert found == Seen((mount(),))


def test_a_volume_for_many_nodes_is_not_exclusive() -> None:
    assert mount().exclusive
    assert not mount(volume=volume(access_modes=("ReadWriteMany",))).exclusive


def test_attachments_are_read_by_name() -> None:
    table = Table({"k8s:get volumeattachments": body})
    mounts = Seen((mount(), mount(unplaced())))
    found: Seen[Attachment] = provided(attachments, table, pod_mounts=mounts)
    assert found.items == (attachment(attached=False, error="rpc error: no", error_at=NOW),)
    assert len(table.asked) == 1


def test_an_absent_attachment() -> None:
    table = Table({"k8s:get volumeattachments": ABSENT})
    (found,) = provided(attachments, table, pod_mounts=Seen((mount(),)))
    assert found == absent_attachment()
    assert not found.resource.exists


def test_of_very_many_some_are_left_and_said_so() -> None:
    table = Table({"k8s:get volumeattachments": ABSENT})
    mounts = Seen(tuple(mount(pod(node=f"node-{n}")) for n in range(23)))
    found: Seen[Attachment] = provided(attachments, table, pod_mounts=mounts)
    assert len(found) == 20
    (gap,) = found.gaps
    assert isinstance(gap, Unavailable)
    assert gap.reason == "only 20 of 23 attachments were read"
