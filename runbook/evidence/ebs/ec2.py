"""What EC2 says of the EBS volumes behind the PersistentVolumes, and of the instances behind the nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from runbook.evidence.ebs import DRIVER
from runbook.evidence.ebs.claims import Volume
from runbook.evidence.ebs.nodes import Node
from runbook.model import Resource, Seen, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

_HANDLE = re.compile(r"vol-([0-9a-f]{8}|[0-9a-f]{17})")
#: Values that one filter takes.
_VALUES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EbsVolume:
    """An EBS volume; absent when `resource.exists` is False, `well_formed` False when no id can look so."""

    resource: Resource
    well_formed: bool = True
    state: str = ""
    zone: str = ""
    attachments: tuple[tuple[str, str], ...] = ()
    """Instance id and state (attaching, attached, detaching, busy)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An EC2 instance; terminated ones vanish after an hour and are then absent."""

    resource: Resource
    state: str = ""
    dns_name: str = ""
    """Its private DNS name, which is what EKS calls the node."""


@evidence("ec2:DescribeVolumes")
async def ebs_volumes(aws: Aws, volumes: Seen[Volume]) -> Seen[EbsVolume]:
    """The volumes behind the PersistentVolumes, by a filter: one wrong id in VolumeIds fails them all."""
    handles = sorted({v.handle for v in volumes if v.driver == DRIVER})
    found = {}
    for some in _batches([h for h in handles if _HANDLE.fullmatch(h)]):
        found.update(await _described(aws, some))
    return Seen(tuple(found.get(handle) or _absent(handle) for handle in handles), volumes.gaps)


async def _described(aws: Aws, handles: list[str]) -> dict[str, EbsVolume]:
    answer = await aws.call(
        "ec2:DescribeVolumes",
        Filters=[{"Name": "volume-id", "Values": handles}],
        fields=(
            "Volumes.VolumeId",
            "Volumes.State",
            "Volumes.AvailabilityZone",
            "Volumes.Attachments.InstanceId",
            "Volumes.Attachments.State",
        ),
    )
    return {
        volume["VolumeId"]: EbsVolume(
            resource=Resource(kind="Volume", name=volume["VolumeId"]),
            state=volume.get("State", ""),
            zone=volume.get("AvailabilityZone", ""),
            attachments=tuple(
                (one["InstanceId"], one.get("State", ""))
                for one in volume.get("Attachments", ())
                if one.get("State") != "detached"
            ),
        )
        for volume in (answer or {}).get("Volumes", ())
    }


def _absent(handle: str) -> EbsVolume:
    return EbsVolume(
        resource=Resource(kind="Volume", name=handle, exists=False),
        well_formed=_HANDLE.fullmatch(handle) is not None,
    )


@evidence("ec2:DescribeInstances")
async def instances(
    aws: Aws, pod_nodes: Seen[Node], ebs_volumes: Seen[EbsVolume] | Unavailable
) -> dict[str, Instance]:
    """By id the instances behind the pods' nodes, and those that hold the pods' volumes."""
    holding = () if isinstance(ebs_volumes, Unavailable) else ebs_volumes.items
    ids = {instance for volume in holding for instance, _ in volume.attachments}
    wanted = sorted(ids | {node.instance for node in pod_nodes if node.instance.startswith("i-")})
    found = {}
    for some in _batches(wanted):
        found.update(await _instances(aws, some))
    return {name: found.get(name) or _gone(name) for name in wanted}


async def _instances(aws: Aws, ids: list[str]) -> dict[str, Instance]:
    fields = ("InstanceId", "State.Name", "PrivateDnsName")
    answer = await aws.call(
        "ec2:DescribeInstances",
        Filters=[{"Name": "instance-id", "Values": ids}],
        fields=tuple(f"Reservations.Instances.{field}" for field in fields),
    )
    return {
        one["InstanceId"]: Instance(
            resource=Resource(kind="Instance", name=one["InstanceId"]),
            state=one.get("State", {}).get("Name", ""),
            dns_name=one.get("PrivateDnsName", ""),
        )
        for reservation in (answer or {}).get("Reservations", ())
        for one in reservation.get("Instances", ())
    }


def _gone(name: str) -> Instance:
    return Instance(resource=Resource(kind="Instance", name=name, exists=False))


def _batches(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + _VALUES] for start in range(0, len(values), _VALUES))
