"""Claim shop/data-orders-0, its class and its volume, bound and well."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from runbook.evidence.ebs.claims import Claim, StorageClass, Volume
from runbook.evidence.ebs.ec2 import EbsVolume
from runbook.model import Resource
from tests.given.target import NOW

HANDLE = "vol-0a11b22c33d44e55f"


def claim(name: str = "data-orders-0", **changes: Any) -> Claim:
    """A claim bound to pv-orders."""
    bound = Claim(
        resource=Resource(kind="PersistentVolumeClaim", namespace="shop", name=name),
        created=NOW - timedelta(minutes=52),
        phase="Bound",
        storage_class="gp3",
        volume="pv-orders",
    )
    return replace(bound, **changes)


def waiting_claim(name: str = "data-orders-0", **changes: Any) -> Claim:
    """A claim without a volume."""
    return replace(claim(name, phase="Pending", volume=""), **changes)


def absent_claim(name: str = "data-orders-0") -> Claim:
    """A claim that does not exist."""
    gone = Resource(kind="PersistentVolumeClaim", namespace="shop", name=name, exists=False)
    return Claim(resource=gone)


def storage_class(name: str = "gp3", **changes: Any) -> StorageClass:
    """A class of the driver, not the default one."""
    healthy = StorageClass(
        resource=Resource(kind="StorageClass", name=name),
        provisioner="ebs.csi.aws.com",
        default=False,
        binding_mode="WaitForFirstConsumer",
    )
    return replace(healthy, **changes)


def volume(name: str = "pv-orders", **changes: Any) -> Volume:
    """The PersistentVolume of an EBS volume in us-east-1a."""
    healthy = Volume(
        resource=Resource(kind="PersistentVolume", name=name),
        phase="Bound",
        driver="ebs.csi.aws.com",
        handle=HANDLE,
        zones=("us-east-1a",),
        access_modes=("ReadWriteOnce",),
        claim=("shop", "data-orders-0"),
    )
    return replace(healthy, **changes)


def absent_volume(name: str = "pv-orders") -> Volume:
    """A PersistentVolume that is only referred to."""
    return Volume(resource=Resource(kind="PersistentVolume", name=name, exists=False))


def ebs_volume(name: str = HANDLE, **changes: Any) -> EbsVolume:
    """An EBS volume attached to the instance of node-a."""
    healthy = EbsVolume(
        resource=Resource(kind="Volume", name=name),
        state="in-use",
        zone="us-east-1a",
        attachments=(("i-0aaaa1111bbbb2222", "attached"),),
    )
    return replace(healthy, **changes)


def absent_ebs_volume(name: str = HANDLE, **changes: Any) -> EbsVolume:
    """EC2 knows no such volume."""
    return replace(EbsVolume(resource=Resource(kind="Volume", name=name, exists=False)), **changes)
