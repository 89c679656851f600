from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.evidence.ebs.attachments import Attachment
from runbook.evidence.ebs.callers import as_node, callers
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.events import Event
from runbook.model import Resource, Seen, Unavailable
from tests.given.driver import controller_pod, crashing, log
from tests.given.identity import node_role
from tests.given.ports import Table, provided

REFUSED = "User: arn:aws:sts::111122223333:assumed-role/{}/i-1 is not authorized to perform: ec2:CreateVolume"
UNKNOWN = Unavailable("refused")


def named(**given: Any) -> list[str]:
    asked = {"controller_logs": UNKNOWN, "claims": UNKNOWN, "attachments": UNKNOWN, **given}
    return [caller.role for caller in provided(callers, Table({}), **asked)]


def test_nothing_said() -> None:
    assert named() == []


def test_the_drivers_log() -> None:
    well, down = controller_pod(), controller_pod(crashing("ebs-plugin"))
    nobody = log("ebs-plugin", "failed to refresh cached credentials, no EC2 IMDS role found, canceled", well)
    assert named(controller_logs=Seen((nobody,))) == [""]
    before = log("ebs-plugin", REFUSED.format("shop-node"), well, previous=True)
    assert named(controller_logs=Seen((before,))) == []
    assert named(controller_logs=Seen((replace(before, pod=down),))) == ["shop-node"]
    sidecar = log("csi-provisioner", REFUSED.format("shop-node"), well)
    assert named(controller_logs=Seen((sidecar,))) == []


def test_a_waiting_claim_and_an_attachment() -> None:
    resource = Resource(kind="PersistentVolumeClaim", namespace="shop", name="data-0")
    said = Event(about=resource, reason="ProvisioningFailed", message=REFUSED.format("a"), last=None)
    claim = Claim(resource=resource, phase="Pending", events=(said,))
    link = Attachment(
        resource=Resource(kind="VolumeAttachment", name="csi-1"), node="n", error=REFUSED.format("b")
    )
    assert named(claims=Seen((claim, replace(claim, phase="Bound"))), attachments=Seen((link,))) == ["a", "b"]


def test_calls_as_a_node() -> None:
    pod = controller_pod()
    lines = (
        REFUSED.format("shop-node"),
        REFUSED.format("other"),
        "NoCredentialProviders: no valid providers",
    )
    logs = Seen(tuple(log("ebs-plugin", line, pod) for line in lines))
    found = provided(callers, Table({}), controller_logs=logs, claims=UNKNOWN, attachments=UNKNOWN)
    assert [caller.role for caller in as_node(found, (node_role(),))] == ["shop-node", ""]
