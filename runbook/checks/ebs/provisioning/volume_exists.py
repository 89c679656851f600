"""A PersistentVolume stands for an EBS volume that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import command
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.claims import Volume
from runbook.evidence.ebs.ec2 import EbsVolume
from runbook.evidence.ebs.regional import aws
from runbook.evidence.objects import something
from runbook.model import Excerpt, Fix, Problem, Seen, Unavailable
from runbook.registry import check


@check(
    severity="critical",
    about="Volume",
    covers=["EBS-PV03"],
    docs="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-restoring-volume.html",
)
def volume_exists(
    ebs_volumes: Seen[EbsVolume],
    volumes: Seen[Volume],
    cluster: Cluster | Unavailable,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The EBS volume behind each PersistentVolume exists.

    A PersistentVolume is only a note about a volume. When somebody deletes the volume itself, or writes
    a wrong id, the pod's claim stays Bound and attaching fails for ever.
    """
    by_handle = {v.handle: v for v in volumes if v.handle}
    where = "in this account and Region"
    if isinstance(cluster, Cluster):
        where = f"in account {cluster.account}, Region {cluster.region}"
    for found in something(ebs_volumes, "no claim asked about has an EBS volume"):
        if found.resource.exists:
            continue
        volume, name = by_handle[found.resource.name], found.resource.name
        claim = "/".join(filter(None, volume.claim))
        what = (
            f"does not exist {where}"
            if found.well_formed
            else "is no id of an EBS volume (vol- and 8 or 17 hexadecimal digits)"
        )
        yield Problem(
            resource=found.resource,
            summary=f"volume {name}, for which PersistentVolume {volume.resource.name} of claim {claim} "
            f"stands, {what}",
            brief=what,
            evidence=(Excerpt(call="ec2:DescribeVolumes", excerpt=f"no volume has volume-id {name}"),)
            if found.well_formed
            else (Excerpt(call=f"k8s:get persistentvolumes {volume.resource.name}", excerpt=name),),
            fix=(*fix(found, volume, cluster), *aftercare.verify()),
        )


def fix(found: EbsVolume, volume: Volume, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
    """Find a snapshot, make a volume of it, and let a new PersistentVolume stand for that."""
    name, zone = volume.resource.name, volume.zones[0] if volume.zones else "ZONE"
    search = aws(
        cluster, "ec2", "describe-snapshots", "--owner-ids", "self",
        "--filters", f"Name=volume-id,Values={found.resource.name}",
        "--query", "sort_by(Snapshots,&StartTime)[].[SnapshotId,StartTime,State]", "--output", "table",
    )  # fmt: skip
    restore = aws(
        cluster, "ec2", "create-volume", "--snapshot-id", "SNAPSHOT_ID", "--availability-zone", zone,
        "--volume-type", "gp3",
    )  # fmt: skip
    first = Fix(text="See whether there is a snapshot of it", command=search)
    made = Fix(text="Make a volume of the latest (its id for SNAPSHOT_ID)", command=restore)
    claim = ("kubectl", "-n", volume.claim[0])
    note = Fix(
        text="The id cannot be changed in a PersistentVolume. Keep the manifests of volume and claim; in "
        "volume.yaml put the right id at spec.csi.volumeHandle and remove spec.claimRef.uid, in claim.yaml "
        "remove metadata.annotations and metadata.uid",
        command=f"{command('kubectl', 'get', 'persistentvolume', name, '-o', 'yaml')} > volume.yaml && "
        f"{command(*claim, 'get', 'pvc', volume.claim[1], '-o', 'yaml')} > claim.yaml",
    )
    swap = Fix(
        text="Scale the workload down, then make both anew from the corrected manifests (Retain keeps EBS "
        "volumes from being deleted with them), and scale it up again",
        command=f"{command('kubectl', 'patch', 'persistentvolume', name, '-p', _RETAIN)} && "
        f"{command(*claim, 'delete', 'pvc', volume.claim[1])} && "
        f"{command('kubectl', 'delete', 'persistentvolume', name)} && "
        "kubectl create -f volume.yaml -f claim.yaml",
        destructive=True,
    )
    return (first, made, note, swap) if found.well_formed else (note, swap)


_RETAIN = '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
