"""EC2 in the embedded account: every id is the state's, and so is what moto could not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import (
    ACCOUNT,
    CREATED,
    ENDPOINT,
    GATEWAY,
    GROUP,
    MAIN_TABLE,
    NAT,
    NEW_VOLUME,
    NODE_A,
    NODE_B,
    SUBNET_A,
    SUBNET_B,
    TABLE_A,
    TABLE_B,
    VOLUME,
    VPC,
    ask,
    error,
    state,
)

LOCAL = {
    "DestinationCidrBlock": "10.0.0.0/16",
    "GatewayId": "local",
    "Origin": "CreateRouteTable",
    "State": "active",
}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state()) as embedded:
        yield embedded


def _filter(name: str, value: str) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": [value]}]


def test_a_volume_is_as_the_state_says(aws: EmbeddedAws) -> None:
    volumes = ask(aws, "ec2", "describe_volumes", VolumeIds=[VOLUME, NEW_VOLUME])["Volumes"]

    common = {"CreateTime": CREATED, "Encrypted": False, "Iops": 3000, "VolumeType": "gp3"}
    attachment = {
        "VolumeId": VOLUME,
        "InstanceId": NODE_A,
        "Device": "/dev/xvdaa",
        "State": "attaching",
        "AttachTime": CREATED,
        "DeleteOnTermination": False,
    }
    assert volumes == [
        common
        | {
            "VolumeId": VOLUME,
            "Size": 20,
            "AvailabilityZone": "us-east-1a",
            "State": "in-use",
            "Attachments": [attachment],
            "Tags": [{"Key": "ebs.csi.aws.com/cluster", "Value": "true"}],
        },
        common
        | {
            "VolumeId": NEW_VOLUME,
            "Size": 8,
            "AvailabilityZone": "us-east-1b",
            "State": "creating",
            "Attachments": [],
        },
    ]


def test_instances_are_as_the_state_says(aws: EmbeddedAws) -> None:
    reservations = ask(aws, "ec2", "describe_instances", InstanceIds=[NODE_A, NODE_B])["Reservations"]
    keys = ("InstanceId", "PrivateDnsName", "PrivateIpAddress", "SubnetId", "VpcId", "State", "InstanceType")
    found = [{key: one[key] for key in keys} for one in (each["Instances"][0] for each in reservations)]

    common = {"VpcId": VPC, "InstanceType": "m6i.large"}
    assert found == [
        common
        | {
            "InstanceId": NODE_A,
            "PrivateDnsName": "ip-10-0-1-12.ec2.internal",
            "PrivateIpAddress": "10.0.1.12",
            "SubnetId": SUBNET_A,
            "State": {"Code": 16, "Name": "running"},
        },
        common
        | {
            "InstanceId": NODE_B,
            "PrivateDnsName": "ip-10-0-2-12.ec2.internal",
            "PrivateIpAddress": "10.0.2.12",
            "SubnetId": SUBNET_B,
            "State": {"Code": 80, "Name": "stopped"},
        },
    ]
    first = reservations[0]["Instances"][0]
    assert first["IamInstanceProfile"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/shop-node"
    assert [one["Ebs"]["VolumeId"] for one in first["BlockDeviceMappings"]][1:] == [VOLUME]
    assert [one["GroupId"] for one in first["SecurityGroups"]] == [GROUP]
    assert "PublicIpAddress" not in first


def test_the_status_of_instances_that_do_not_run_is_told_only_when_asked_for(aws: EmbeddedAws) -> None:
    running = ask(aws, "ec2", "describe_instance_status")["InstanceStatuses"]
    stopped = ask(aws, "ec2", "describe_instance_status", IncludeAllInstances=True, InstanceIds=[NODE_B])

    assert [(one["InstanceId"], one["SystemStatus"]["Status"]) for one in running] == [(NODE_A, "ok")]
    assert stopped["InstanceStatuses"] == [
        {
            "AvailabilityZone": "us-east-1b",
            "InstanceId": NODE_B,
            "InstanceState": {"Code": 80, "Name": "stopped"},
            "InstanceStatus": {"Status": "not-applicable"},
            "SystemStatus": {"Status": "not-applicable"},
        }
    ]


def test_the_network_is_the_state_s_and_nothing_else(aws: EmbeddedAws) -> None:
    subnets = ask(aws, "ec2", "describe_subnets")["Subnets"]

    assert [vpc["VpcId"] for vpc in ask(aws, "ec2", "describe_vpcs")["Vpcs"]] == [VPC]
    assert [(one["SubnetId"], one["AvailabilityZone"], one["MapPublicIpOnLaunch"]) for one in subnets] == [
        (SUBNET_A, "us-east-1a", False),
        (SUBNET_B, "us-east-1b", False),
    ]
    nats = ask(aws, "ec2", "describe_nat_gateways", NatGatewayIds=[NAT])["NatGateways"]
    assert [(nat["SubnetId"], nat["State"]) for nat in nats] == [(SUBNET_A, "available")]
    endpoints = ask(aws, "ec2", "describe_vpc_endpoints", Filters=_filter("vpc-id", VPC))["VpcEndpoints"]
    assert [
        (one["VpcEndpointId"], one["ServiceName"], one["State"], one["SubnetIds"]) for one in endpoints
    ] == [(ENDPOINT, "com.amazonaws.us-east-1.sts", "pendingAcceptance", [SUBNET_A])]
    groups = ask(aws, "ec2", "describe_security_groups", GroupIds=[GROUP])["SecurityGroups"]
    assert [pair["GroupId"] for pair in groups[0]["IpPermissions"][0]["UserIdGroupPairs"]] == [GROUP]


def test_routes_lead_where_the_state_says_and_into_a_black_hole_where_nothing_is(aws: EmbeddedAws) -> None:
    tables = ask(aws, "ec2", "describe_route_tables", Filters=_filter("vpc-id", VPC))["RouteTables"]

    def beyond(target: dict[str, str], there: str = "active") -> dict[str, str]:
        return {"DestinationCidrBlock": "0.0.0.0/0", "Origin": "CreateRoute", "State": there, **target}

    assert {table["RouteTableId"]: table["Routes"] for table in tables} == {
        MAIN_TABLE: [LOCAL, beyond({"GatewayId": GATEWAY})],
        TABLE_A: [LOCAL, beyond({"NatGatewayId": NAT})],
        TABLE_B: [LOCAL, beyond({"NatGatewayId": "nat-0dead000000000001"}, "blackhole")],
    }
    assert [one["Main"] for table in tables for one in table["Associations"]] == [True, False, False]


def test_a_subnet_s_route_table_is_found_by_its_association(aws: EmbeddedAws) -> None:
    wanted = _filter("association.subnet-id", SUBNET_B)
    tables = ask(aws, "ec2", "describe_route_tables", Filters=wanted)["RouteTables"]

    assert [table["RouteTableId"] for table in tables] == [TABLE_B]


def test_an_instance_s_profile_is_found_by_the_instance(aws: EmbeddedAws) -> None:
    wanted = _filter("instance-id", NODE_A)
    found = ask(aws, "ec2", "describe_iam_instance_profile_associations", Filters=wanted)

    assert [
        (one["InstanceId"], one["IamInstanceProfile"]["Arn"], one["State"])
        for one in found["IamInstanceProfileAssociations"]
    ] == [(NODE_A, f"arn:aws:iam::{ACCOUNT}:instance-profile/shop-node", "associated")]


def test_moto_s_own_tables_answer(aws: EmbeddedAws) -> None:
    types = ask(aws, "ec2", "describe_instance_types", InstanceTypes=["m6i.large"])["InstanceTypes"]
    zones = ask(aws, "ec2", "describe_availability_zones")["AvailabilityZones"]

    assert [one["EbsInfo"]["MaximumEbsAttachments"] for one in types] == [27]
    assert [zone["ZoneName"] for zone in zones] == [f"us-east-1{letter}" for letter in "abcdef"]
    assert ask(aws, "ec2", "get_ebs_encryption_by_default")["EbsEncryptionByDefault"] is False


@pytest.mark.parametrize(
    ("operation", "parameters", "answer"),
    [
        (
            "describe_volumes",
            {"VolumeIds": [VOLUME, "vol-0f0000000000000ff"]},
            ("InvalidVolume.NotFound", "The volume 'vol-0f0000000000000ff' does not exist.", 400),
        ),
        (
            "describe_volumes",
            {"VolumeIds": ["vol-0f0000000000000f1", "vol-0f0000000000000f2"]},
            (
                "InvalidVolume.NotFound",
                "The volumes 'vol-0f0000000000000f1, vol-0f0000000000000f2' do not exist.",
                400,
            ),
        ),
        (
            "describe_volumes",
            {"VolumeIds": ["pvc-1"]},
            (
                "InvalidParameterValue",
                "Value (pvc-1) for parameter volumes is invalid. Expected: 'vol-...'.",
                400,
            ),
        ),
        (
            "describe_instances",
            {"InstanceIds": ["i-0f0000000000000ff"]},
            ("InvalidInstanceID.NotFound", "The instance ID 'i-0f0000000000000ff' does not exist", 400),
        ),
        (
            "describe_instance_status",
            {"InstanceIds": ["node"]},
            ("InvalidInstanceID.Malformed", 'Invalid id: "node"', 400),
        ),
        (
            "describe_subnets",
            {"SubnetIds": ["subnet-0ff"]},
            ("InvalidSubnetID.NotFound", "The subnet ID 'subnet-0ff' does not exist", 400),
        ),
        (
            "describe_vpcs",
            {"VpcIds": ["vpc-0ff"]},
            ("InvalidVpcID.NotFound", "The vpc ID 'vpc-0ff' does not exist", 400),
        ),
        (
            "describe_route_tables",
            {"RouteTableIds": ["rtb-0ff"]},
            ("InvalidRouteTableID.NotFound", "The routeTable ID 'rtb-0ff' does not exist", 400),
        ),
        (
            "describe_vpc_endpoints",
            {"VpcEndpointIds": ["vpce-0ff"]},
            ("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id 'vpce-0ff' does not exist", 400),
        ),
        (
            "describe_nat_gateways",
            {"NatGatewayIds": ["nat-0ff"]},
            ("NatGatewayNotFound", "NAT gateway nat-0ff was not found", 400),
        ),
    ],
)
def test_ids_of_nothing_are_refused_in_ec2_s_words(
    aws: EmbeddedAws, operation: str, parameters: Any, answer: tuple[str, str, int]
) -> None:
    assert error(aws, "ec2", operation, **parameters) == answer
