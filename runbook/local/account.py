"""The healthy account: one cluster with its network, nodes, roles and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runbook.deployment import role_name
from runbook.permissions import GROUP

ACCOUNT = "111122223333"
REGION = "us-east-1"
CLUSTER = "shop"
ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
DRIVER_ROLE = "shop-ebs-csi"
NODE_ROLE = "shop-node"
VPC = "vpc-0a1b2c3d4e5f60718"
SECURITY_GROUP = "sg-0a1b2c3d4e5f60718"
NAT_GATEWAY = "nat-0a1b2c3d4e5f60718"
VOLUME = "vol-0a11b22c33d44e55f"
#: By zone: subnet, instance and node name.
ZONES = {
    "us-east-1a": ("subnet-0aaa1111bbbb2222c", "i-0aaaa1111bbbb2222", "ip-10-0-32-10.ec2.internal"),
    "us-east-1b": ("subnet-0bbb1111cccc2222d", "i-0bbbb1111cccc2222", "ip-10-0-64-10.ec2.internal"),
    "us-east-1c": ("subnet-0ccc1111dddd2222e", "i-0cccc1111dddd2222", "ip-10-0-96-10.ec2.internal"),
}
DRIVER_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"


def role_arn(name: str) -> str:
    """The ARN of a role in this account."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


#: The role of the steps of a deployed run, to which the cluster has given an access entry.
AUTOMATION_ROLE = role_arn(role_name("automation", REGION))


def access_entry(role: str, *, groups: Sequence[str] = (GROUP,)) -> dict[str, Any]:
    """The access entry of a role, as EKS describes it."""
    name = role.rpartition("/")[2]
    place = f"arn:aws:eks:{REGION}:{ACCOUNT}:access-entry/{CLUSTER}"
    return {
        "clusterName": CLUSTER,
        "principalArn": role,
        "kubernetesGroups": [*groups],
        "accessEntryArn": f"{place}/role/{ACCOUNT}/{name}/0a1b2c3d",
        "username": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{{{{SessionName}}}}",
        "type": "STANDARD",
    }


def account() -> dict[str, Any]:
    """The state of the account, in the shapes of AWS's own APIs."""
    return {
        "account": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "cluster": _cluster(),
        "addons": {"aws-ebs-csi-driver": _addon()},
        "podIdentityAssociations": [],
        "accessEntries": {AUTOMATION_ROLE: access_entry(AUTOMATION_ROLE)},
        "securityGroups": {SECURITY_GROUP: _security_group()},
        "roles": {
            DRIVER_ROLE: {
                "Path": "/",
                "AssumeRolePolicyDocument": trust_policy(),
                "AttachedPolicies": [DRIVER_POLICY],
                "InlinePolicies": {},
            },
            NODE_ROLE: _node_role(),
        },
        "openIDConnectProviders": {
            ISSUER: {
                "ClientIDList": ["sts.amazonaws.com"],
                "ThumbprintList": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
            }
        },
        "instanceProfiles": {NODE_ROLE: {"Roles": [NODE_ROLE]}},
        **_network(),
        "instances": {
            instance: {
                "SubnetId": subnet,
                "InstanceType": "m5.large",
                "IamInstanceProfile": NODE_ROLE,
                "State": "running",
                "PrivateDnsName": node,
                "Tags": [{"Key": f"kubernetes.io/cluster/{CLUSTER}", "Value": "owned"}],
            }
            for subnet, instance, node in ZONES.values()
        },
        "volumes": {VOLUME: _volume()},
    }


def trust_policy(
    audience: str = "sts.amazonaws.com",
    subject: str = "system:serviceaccount:kube-system:ebs-csi-controller-sa",
) -> dict[str, Any]:
    """The driver role's trust policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {f"{ISSUER}:aud": audience, f"{ISSUER}:sub": subject}},
            }
        ],
    }


def _cluster() -> dict[str, Any]:
    return {
        "name": CLUSTER,
        "arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{CLUSTER}",
        "version": "1.34",
        "platformVersion": "eks.4",
        "status": "ACTIVE",
        "endpoint": "https://0123456789ABCDEF0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com",
        "certificateAuthority": {"data": ""},
        "identity": {"oidc": {"issuer": f"https://{ISSUER}"}},
        "accessConfig": {"authenticationMode": "API"},
        "resourcesVpcConfig": {
            "subnetIds": [subnet for subnet, _, _ in ZONES.values()],
            "securityGroupIds": [],
            "clusterSecurityGroupId": SECURITY_GROUP,
            "vpcId": VPC,
            "endpointPublicAccess": True,
            "endpointPrivateAccess": True,
            "publicAccessCidrs": ["0.0.0.0/0"],
        },
    }


def _addon() -> dict[str, Any]:
    return {
        "addonName": "aws-ebs-csi-driver",
        "clusterName": CLUSTER,
        "status": "ACTIVE",
        "addonVersion": "v1.64.0-eksbuild.1",
        "health": {"issues": []},
        "serviceAccountRoleArn": role_arn(DRIVER_ROLE),
    }


def _node_role() -> dict[str, Any]:
    return {
        "Path": "/",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        },
        "AttachedPolicies": [
            "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
            "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
            "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        ],
        "InlinePolicies": {},
    }


def _security_group() -> dict[str, Any]:
    """The cluster security group as EKS makes it."""
    return {
        "IpPermissions": [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": SECURITY_GROUP}]}],
        "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    }


def _network() -> dict[str, Any]:
    """Private subnets behind one NAT gateway in a public one."""
    subnets = {
        subnet: {"VpcId": VPC, "CidrBlock": f"10.0.{32 * n}.0/19", "AvailabilityZone": zone}
        for n, (zone, (subnet, _, _)) in enumerate(ZONES.items(), start=1)
    }
    public = {"VpcId": VPC, "CidrBlock": "10.0.0.0/20", "AvailabilityZone": "us-east-1a"}
    return {
        "vpcs": {VPC: {"CidrBlock": "10.0.0.0/16"}},
        "subnets": {**subnets, "subnet-0ddd1111eeee2222f": public},
        "internetGateways": {"igw-0a1b2c3d4e5f60718": {"VpcId": VPC}},
        "natGateways": {
            NAT_GATEWAY: {
                "SubnetId": "subnet-0ddd1111eeee2222f",
                "NatGatewayAddresses": [{"PublicIp": "198.51.100.7"}],
            }
        },
        "routeTables": {
            "rtb-0aaa1111bbbb2222c": {
                "VpcId": VPC,
                "Main": True,
                "Subnets": [*subnets],
                "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": NAT_GATEWAY}],
            },
            "rtb-0ddd1111eeee2222f": {
                "VpcId": VPC,
                "Main": False,
                "Subnets": ["subnet-0ddd1111eeee2222f"],
                "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-0a1b2c3d4e5f60718"}],
            },
        },
        "vpcEndpoints": {},
    }


def _volume() -> dict[str, Any]:
    _, instance, _ = ZONES["us-east-1a"]
    return {
        "AvailabilityZone": "us-east-1a",
        "Size": 20,
        "VolumeType": "gp3",
        "State": "in-use",
        "Attachments": [{"InstanceId": instance, "Device": "/dev/xvdaa", "State": "attached"}],
        "Tags": [{"Key": "ebs.csi.aws.com/cluster", "Value": "true"}],
    }
