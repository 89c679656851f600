from __future__ import annotations

import pytest

from runbook.checks.ebs.provisioning.volume_exists import volume_exists
from runbook.evidence.ebs.claims import Volume
from runbook.evidence.ebs.ec2 import EbsVolume
from runbook.model import NotApplicable, Problem, Seen, Unavailable
from tests.given.account import cluster
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.storage import absent_ebs_volume, ebs_volume, volume


def problems(found: EbsVolume, known: Volume | None = None) -> list[Problem]:
    return list(volume_exists(Seen((found,)), Seen((known or volume(),)), cluster(), aftercare()))


def test_a_volume_is_well() -> None:
    assert problems(ebs_volume()) == []


def test_no_volume_to_look_at() -> None:
    with pytest.raises(NotApplicable, match="no claim asked about has an EBS volume"):
        list(volume_exists(Seen(), Seen(), Unavailable("refused"), aftercare()))


def test_a_deleted_volume() -> None:
    (problem,) = problems(absent_ebs_volume())
    assert problem.summary == (
        "volume vol-0a11b22c33d44e55f, for which PersistentVolume pv-orders of claim "
        "shop/data-orders-0 stands, "
        "does not exist in account 111122223333, Region us-east-1"
    )
    assert commands(problem) == [
        (
            "aws ec2 describe-snapshots --region us-east-1 --owner-ids self --filters "
            "Name=volume-id,Values=vol-0a11b22c33d44e55f --query "
            "'sort_by(Snapshots,&StartTime)[].[SnapshotId,StartTime,State]' --output table"
        ),
        "aws ec2 create-volume --region us-east-1 --snapshot-id SNAPSHOT_ID --availability-zone us-east-1a "
        "--volume-type gp3",
        (
            "kubectl get persistentvolume pv-orders -o yaml > volume.yaml && "
            "kubectl -n shop get pvc data-orders-0 -o yaml > claim.yaml"
        ),
        (
            "kubectl patch persistentvolume pv-orders -p "
            '\'{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}\' && '
            "kubectl -n shop delete pvc data-orders-0 && kubectl delete persistentvolume pv-orders && "
            "kubectl create -f volume.yaml -f claim.yaml"
        ),
        VERIFY,
    ]
    assert [step.destructive for step in problem.fix] == [False, False, False, True, False]


def test_an_account_that_could_not_be_learned() -> None:
    (problem,) = volume_exists(
        Seen((absent_ebs_volume(),)), Seen((volume(),)), Unavailable("refused"), aftercare()
    )
    assert problem.brief == "does not exist in this account and Region"


def test_an_id_that_is_none() -> None:
    (problem,) = problems(absent_ebs_volume("vol-banana", well_formed=False), volume(handle="vol-banana"))
    assert problem.summary == (
        "volume vol-banana, for which PersistentVolume pv-orders of claim shop/data-orders-0 stands, "
        "is no id of an EBS volume (vol- and 8 or 17 hexadecimal digits)"
    )
    assert len(commands(problem)) == 3
