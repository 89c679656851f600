"""A small account for the tests of the embedded AWS, and clients to ask it with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from runbook.local.aws import EmbeddedAws

Json = dict[str, Any]

ACCOUNT = "111122223333"
ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
PROVIDER_ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
DRIVER = "shop-ebs-csi"
DRIVER_ARN = f"arn:aws:iam::{ACCOUNT}:role/{DRIVER}"
DRIVER_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
CREATED = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
VPC = "vpc-0a000000000000001"
SUBNET_A, SUBNET_B = "subnet-0a0000000000000a1", "subnet-0a0000000000000b1"
NODE_A, NODE_B = "i-0a0000000000000a1", "i-0a0000000000000b1"
VOLUME, NEW_VOLUME = "vol-0a000000000000001", "vol-0a000000000000002"
NAT, GATEWAY, ENDPOINT = "nat-0a000000000000001", "igw-0a000000000000001", "vpce-0a000000000000001"
MAIN_TABLE, TABLE_A, TABLE_B = "rtb-0a000000000000001", "rtb-0a0000000000000a1", "rtb-0a0000000000000b1"
GROUP = "sg-0a000000000000001"
EC2_TRUST: Json = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def trust(audience: str = "sts.amazonaws.com") -> Json:
    conditions = {
        f"{ISSUER}:aud": audience,
        f"{ISSUER}:sub": "system:serviceaccount:kube-system:ebs-csi-controller-sa",
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER_ARN},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": conditions},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def cluster() -> Json:
    return {
        "name": "shop",
        "arn": f"arn:aws:eks:us-east-1:{ACCOUNT}:cluster/shop",
        "createdAt": CREATED,
        "version": "1.34",
        "endpoint": "https://127.0.0.1:6443",
        "resourcesVpcConfig": {
            "subnetIds": [SUBNET_A, SUBNET_B],
            "clusterSecurityGroupId": GROUP,
            "vpcId": VPC,
            "endpointPublicAccess": True,
        },
        "identity": {"oidc": {"issuer": f"https://{ISSUER}"}},
        "status": "ACTIVE",
        "certificateAuthority": {"data": "Q0E="},
        "accessConfig": {"authenticationMode": "API"},
    }


def state() -> Json:
    """One cluster with two nodes; one volume is attached to the first, another is still being made."""
    return {
        "account": ACCOUNT,
        "region": "us-east-1",
        "partition": "aws",
        "cluster": cluster(),
        "addons": {"aws-ebs-csi-driver": addon()},
        "podIdentityAssociations": [association("aws-node", "a-1"), association("shop", "a-2")],
        **identities(),
        **network(),
        "instances": {
            NODE_A: instance(SUBNET_A, "ip-10-0-1-12.ec2.internal"),
            NODE_B: instance(SUBNET_B, "ip-10-0-2-12.ec2.internal") | {"State": "stopped"},
        },
        "volumes": {
            VOLUME: {
                "AvailabilityZone": "us-east-1a",
                "Size": 20,
                "VolumeType": "gp3",
                "State": "in-use",
                "Attachments": [{"InstanceId": NODE_A, "Device": "/dev/xvdaa", "State": "attaching"}],
                "Tags": [{"Key": "ebs.csi.aws.com/cluster", "Value": "true"}],
            },
            NEW_VOLUME: {
                "AvailabilityZone": "us-east-1b",
                "Size": 8,
                "VolumeType": "gp3",
                "State": "creating",
            },
        },
    }


def addon() -> Json:
    return {
        "addonName": "aws-ebs-csi-driver",
        "clusterName": "shop",
        "status": "ACTIVE",
        "health": {"issues": []},
    }


def association(service_account: str, number: str) -> Json:
    return {
        "clusterName": "shop",
        "namespace": "kube-system",
        "serviceAccount": service_account,
        "roleArn": DRIVER_ARN,
        "associationArn": f"arn:aws:eks:us-east-1:{ACCOUNT}:podidentityassociation/shop/{number}",
        "associationId": number,
    }


def instance(subnet: str, name: str) -> Json:
    return {
        "SubnetId": subnet,
        "InstanceType": "m6i.large",
        "IamInstanceProfile": "shop-node",
        "State": "running",
        "PrivateDnsName": name,
    }


def identities() -> Json:
    grant = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*"}],
    }
    return {
        "roles": {
            DRIVER: {
                "Path": "/",
                "AssumeRolePolicyDocument": trust(),
                "AttachedPolicies": [DRIVER_POLICY],
                "InlinePolicies": {"kms": grant},
            },
            "shop-node": {"Path": "/", "AssumeRolePolicyDocument": EC2_TRUST, "AttachedPolicies": []},
        },
        "openIDConnectProviders": {
            ISSUER: {"ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": ["9e" * 20]}
        },
        "instanceProfiles": {"shop-node": {"Roles": ["shop-node"]}},
    }


def network() -> Json:
    def table(main: bool, subnets: list[str], route: Mapping[str, str]) -> Json:
        routes = [{"DestinationCidrBlock": "0.0.0.0/0", **route}]
        return {"VpcId": VPC, "Main": main, "Subnets": subnets, "Routes": routes}

    return {
        "vpcs": {VPC: {"CidrBlock": "10.0.0.0/16"}},
        "subnets": {
            SUBNET_A: {"VpcId": VPC, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a"},
            SUBNET_B: {"VpcId": VPC, "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "us-east-1b"},
        },
        "internetGateways": {GATEWAY: {"VpcId": VPC}},
        "natGateways": {NAT: {"SubnetId": SUBNET_A}},
        "routeTables": {
            MAIN_TABLE: table(True, [], {"GatewayId": GATEWAY}),
            TABLE_A: table(False, [SUBNET_A], {"NatGatewayId": NAT}),
            TABLE_B: table(False, [SUBNET_B], {"NatGatewayId": "nat-0dead000000000001"}),
        },
        "vpcEndpoints": {
            ENDPOINT: {
                "VpcId": VPC,
                "ServiceName": "com.amazonaws.us-east-1.sts",
                "VpcEndpointType": "Interface",
                "SubnetIds": [SUBNET_A],
                "State": "pendingAcceptance",
            }
        },
    }


def client(aws: EmbeddedAws, service: str, region: str = "us-east-1") -> Any:
    """A boto3 client that asks once."""
    keys = aws.environment()
    return boto3.client(
        service,  # type: ignore[call-overload]  # the stubs want a literal
        region_name=region,
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def ask(aws: EmbeddedAws, service: str, operation: str, /, **parameters: Any) -> Json:
    """An answer without its metadata."""
    answer: Json = getattr(client(aws, service), operation)(**parameters)
    del answer["ResponseMetadata"]
    return answer


def error(aws: EmbeddedAws, service: str, operation: str, /, **parameters: Any) -> tuple[str, str, int]:
    """Code, words and status of the error that a call must end in."""
    try:
        ask(aws, service, operation, **parameters)
    except ClientError as refused:
        response = refused.response
        found = response["Error"]
        return found["Code"], found["Message"], response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{service}:{operation} did not fail")


def simulate(aws: EmbeddedAws, *actions: str, **more: Any) -> list[Json]:
    """What IAM's simulator says of the driver's role."""
    answer = ask(
        aws, "iam", "simulate_principal_policy", PolicySourceArn=DRIVER_ARN, ActionNames=list(actions), **more
    )
    assert answer["IsTruncated"] is False
    results: list[Json] = answer["EvaluationResults"]
    return results
