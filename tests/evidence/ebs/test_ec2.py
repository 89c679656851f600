from __future__ import annotations

from runbook.evidence.ebs.ec2 import EbsVolume, Instance, ebs_volumes, instances
from runbook.model import Resource, Seen, Unavailable
from tests.given.nodes import INSTANCE, instance, node
from tests.given.ports import Table, provided
from tests.given.storage import HANDLE, absent_ebs_volume, ebs_volume, volume

ATTACHMENTS = [{"InstanceId": INSTANCE, "State": "attached"}, {"InstanceId": "i-1", "State": "detached"}]
VOLUME = {"VolumeId": HANDLE, "State": "in-use", "AvailabilityZone": "us-east-1a", "Attachments": ATTACHMENTS}


def test_volumes_are_asked_for_in_one_call_that_absent_ones_do_not_break() -> None:
    gone = "vol-0b22c33d44e55f66a"
    known = (volume(), volume("pv-2", handle=gone), volume("pv-3", handle="vol-banana"))
    table = Table({"ec2:DescribeVolumes": {"Volumes": [VOLUME]}})
    found: Seen[EbsVolume] = provided(ebs_volumes, table, volumes=Seen(known))
    assert found.items == (
        ebs_volume(),
        absent_ebs_volume(gone),
        absent_ebs_volume("vol-banana", well_formed=False),
    )
    (asked,) = table.asked
    assert asked.parameters == {"Filters": [{"Name": "volume-id", "Values": [HANDLE, gone]}]}
    assert [v.resource.exists for v in found] == [True, False, False]


def test_volumes_of_other_drivers_are_not_asked_for() -> None:
    table = Table({})
    known = (volume(driver="efs.csi.aws.com", handle="fs-1"),)
    assert provided(ebs_volumes, table, volumes=Seen(known)).items == ()


def test_instances_of_nodes_and_of_holders() -> None:
    told = {"InstanceId": INSTANCE, "State": {"Name": "running"}, "PrivateDnsName": "node-a"}
    table = Table({"ec2:DescribeInstances": {"Reservations": [{"Instances": [told]}]}})
    held = ebs_volume(attachments=(("i-0bbbb1111cccc2222", "attached"),))
    found = provided(instances, table, pod_nodes=Seen((node(),)), ebs_volumes=Seen((held,)))
    gone = Resource(kind="Instance", name="i-0bbbb1111cccc2222", exists=False)
    assert found == {INSTANCE: instance(), "i-0bbbb1111cccc2222": Instance(resource=gone)}


def test_no_instance_to_ask_about() -> None:
    nodes = Seen((node(instance="fargate-1"),))
    assert provided(instances, Table({}), pod_nodes=nodes, ebs_volumes=Unavailable("refused")) == {}
