"""Volumes of the in-tree plugin kubernetes.io/aws-ebs, which the CSI driver has taken over."""

from __future__ import annotations

from runbook.local.account import VOLUME
from runbook.local.healthy import PV
from runbook.local.scenarios import scenario
from runbook.local.scenarios.provisioning import volume_deleted
from runbook.local.world import World


@scenario(
    verdict="faulty",
    causes=volume_deleted.causes,
    consequences=[*volume_deleted.fails],
)
def in_tree_volume_deleted(world: World) -> None:
    """The volume of an old in-tree PersistentVolume was deleted in EC2."""
    volume_deleted.break_(world)
    spec = world.get("PersistentVolume", PV)["spec"]
    del spec["csi"]
    spec["awsElasticBlockStore"] = {"volumeID": f"aws://us-east-1a/{VOLUME}", "fsType": "ext4"}
