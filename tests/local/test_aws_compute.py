"""What the embedded account tells of Fargate, security groups and free addresses, as the state gives it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from runbook.local.account import SECURITY_GROUP, account
from runbook.local.aws import EmbeddedAws

SUBNET = "subnet-0aaa1111bbbb2222c"
PROFILE = {"fargateProfileName": "system", "clusterName": "shop", "selectors": [{"namespace": "kube-system"}]}


def client(aws: EmbeddedAws, service: str) -> Any:
    keys = aws.environment()
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=aws.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )


def test_fargate_profiles() -> None:
    with EmbeddedAws(account() | {"fargateProfiles": {"system": PROFILE}}) as aws:
        eks = client(aws, "eks")
        assert eks.list_fargate_profiles(clusterName="shop")["fargateProfileNames"] == ["system"]
        found = eks.describe_fargate_profile(clusterName="shop", fargateProfileName="system")
        assert found["fargateProfile"] == PROFILE
        with pytest.raises(ClientError, match="No Fargate Profile found with name: other"):
            eks.describe_fargate_profile(clusterName="shop", fargateProfileName="other")


def test_the_rules_of_the_cluster_security_group_are_those_of_the_state() -> None:
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    narrowed = {SECURITY_GROUP: {"IpPermissions": [], "IpPermissionsEgress": [https]}}
    with EmbeddedAws(account() | {"securityGroups": narrowed}) as aws:
        answer = client(aws, "ec2").describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [SECURITY_GROUP]}]
        )
    (rule,) = answer["SecurityGroupRules"]
    assert (rule["IsEgress"], rule["IpProtocol"], rule["FromPort"], rule["CidrIpv4"]) == (
        True,
        "tcp",
        443,
        "10.0.0.0/16",
    )


def test_free_addresses_and_nodes_by_their_tag() -> None:
    state = account()
    state["subnets"][SUBNET]["AvailableIpAddressCount"] = 3
    with EmbeddedAws(state) as aws:
        ec2 = client(aws, "ec2")
        (subnet,) = ec2.describe_subnets(SubnetIds=[SUBNET])["Subnets"]
        assert subnet["AvailableIpAddressCount"] == 3
        tagged = [{"Name": "tag-key", "Values": ["kubernetes.io/cluster/shop"]}]
        found = ec2.describe_instances(Filters=tagged)["Reservations"]
        assert len([i for one in found for i in one["Instances"]]) == len(state["instances"])
