"""The shop's volume, wanted by pod shop/orders-0 on node-a, and who else holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.evidence.ebs.attachments import Attachment, Mount, attachment_name
from runbook.evidence.ebs.holders import Holder
from runbook.evidence.pods import Pod
from runbook.model import Resource
from tests.given.nodes import instance, node
from tests.given.storage import HANDLE, claim, volume
from tests.given.target import pod

OTHER = "i-0bbbb1111cccc2222"


def mount(user: Pod | None = None, **changes: Any) -> Mount:
    """The pod uses the volume."""
    return replace(Mount(pod=user or pod(), claim=claim(), volume=volume()), **changes)


def attachment(where: str = "node-a", **changes: Any) -> Attachment:
    """The volume is attached there."""
    name = attachment_name(HANDLE, where)
    return replace(
        Attachment(resource=Resource(kind="VolumeAttachment", name=name), node=where, attached=True),
        **changes,
    )


def absent_attachment(where: str = "node-a") -> Attachment:
    """Nobody wants the volume attached there."""
    gone = Resource(kind="VolumeAttachment", name=attachment_name(HANDLE, where), exists=False)
    return Attachment(resource=gone, node=where)


def holder(**changes: Any) -> Holder:
    """The volume is on Ready node-b, whose instance EC2 names, and nothing else is there."""
    elsewhere = Holder(
        mount=mount(), instance=instance(OTHER, dns_name="node-b"), node=node("node-b", instance=OTHER)
    )
    return replace(elsewhere, **changes)
