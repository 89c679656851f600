"""Lay the World's account into moto, by the names of the AWS API, with every id unchanged."""

from __future__ import annotations

import json
import re
from typing import Any

from runbook.local.aws import iam, s3
from runbook.local.aws.account import Account
from runbook.local.aws.moto_wire import Json

_STATE_CODES = {
    "pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80,
}  # fmt: skip
_ROUTE_TARGETS = (
    "GatewayId", "NatGatewayId", "TransitGatewayId", "NetworkInterfaceId", "VpcPeeringConnectionId",
)  # fmt: skip
# EC2 asks for one; what is in it plays no part.
_IMAGE = "ami-0c0ffee0c0ffee000"


def lay_out(account: Account) -> None:
    """Raises AwsError when the state could not exist in AWS: it names what is not there, say."""
    state = account.state
    _network(account, state)
    _identities(account, state)
    s3.lay_out(account)
    for instance_id, instance in state.get("instances", {}).items():
        _instance(account, instance_id, instance)
    for volume_id, volume in state.get("volumes", {}).items():
        _volume(account, volume_id, volume)
    for instance_id, instance in state.get("instances", {}).items():
        _instance_state(account, instance_id, instance)
    if state.get("ebsEncryptionByDefault"):
        account.ask("ec2", "EnableEbsEncryptionByDefault")


def _network(account: Account, state: Json) -> None:
    mains = {
        table["VpcId"]: table_id
        for table_id, table in state.get("routeTables", {}).items()
        if table.get("Main")
    }
    for vpc_id, vpc in state.get("vpcs", {}).items():
        ids = {"vpc": vpc_id} | ({"rtb": mains[vpc_id]} if vpc_id in mains else {})
        account.ask("ec2", "CreateVpc", ids=ids, CidrBlock=vpc["CidrBlock"])
        account.stated[vpc_id] = vpc
    _security_group(account, state["cluster"])
    for gateway_id, gateway in state.get("internetGateways", {}).items():
        account.ask("ec2", "CreateInternetGateway", ids={"igw": gateway_id})
        account.ask("ec2", "AttachInternetGateway", InternetGatewayId=gateway_id, VpcId=gateway["VpcId"])
    for subnet_id, subnet in state.get("subnets", {}).items():
        place = _only(subnet, "VpcId", "CidrBlock", "AvailabilityZone")
        account.ask("ec2", "CreateSubnet", ids={"subnet": subnet_id}, **place)
        # moto takes the first subnet of a zone for its default one, with public addresses.
        account.ask("ec2", "ModifySubnetAttribute", SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": False})
        account.stated[subnet_id] = {"DefaultForAz": False} | subnet
    for gateway_id, gateway in state.get("natGateways", {}).items():
        address = account.ask("ec2", "AllocateAddress", Domain="vpc")["AllocationId"]
        place = _only(gateway, "SubnetId")
        account.ask("ec2", "CreateNatGateway", ids={"nat": gateway_id}, AllocationId=address, **place)
        account.stated[gateway_id] = gateway
    for table_id, table in state.get("routeTables", {}).items():
        _route_table(account, table_id, table)
    for endpoint_id, endpoint in state.get("vpcEndpoints", {}).items():
        kind = _only(endpoint, "VpcId", "ServiceName", "VpcEndpointType", "SubnetIds", "RouteTableIds")
        account.ask("ec2", "CreateVpcEndpoint", ids={"vpce": endpoint_id}, **kind)
        account.stated[endpoint_id] = endpoint


def _only(given: Json, *keys: str) -> Json:
    return {key: given[key] for key in keys if key in given}


def _security_group(account: Account, cluster: Json) -> None:
    match cluster.get("resourcesVpcConfig"):
        case {"clusterSecurityGroupId": group, "vpcId": vpc}:
            account.ask(
                "ec2",
                "CreateSecurityGroup",
                ids={"sg": group},
                GroupName=f"eks-cluster-sg-{cluster['name']}",
                Description="EKS created security group for the control plane and the managed workloads.",
                VpcId=vpc,
            )
            itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
            stated = account.state.get("securityGroups", {}).get(group, {})
            _rules(account, group, stated.get("IpPermissions", [itself]), stated.get("IpPermissionsEgress"))


def _rules(account: Account, group: str, ingress: list[Json], egress: list[Json] | None) -> None:
    """A group is made with one rule, that lets everything out; `egress` None keeps it."""
    if ingress:
        account.ask("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=ingress)
    if egress is not None:
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        account.ask("ec2", "RevokeSecurityGroupEgress", GroupId=group, IpPermissions=everything)
    if egress:
        account.ask("ec2", "AuthorizeSecurityGroupEgress", GroupId=group, IpPermissions=egress)


def _route_table(account: Account, table_id: str, table: Json) -> None:
    if not table.get("Main"):
        account.ask("ec2", "CreateRouteTable", ids={"rtb": table_id}, VpcId=table["VpcId"])
    for subnet in table.get("Subnets", []):
        account.ask("ec2", "AssociateRouteTable", RouteTableId=table_id, SubnetId=subnet)
    state = account.state
    targets = {"local", *state.get("natGateways", {}), *state.get("internetGateways", {})}
    local = {"DestinationCidrBlock": state["vpcs"][table["VpcId"]]["CidrBlock"], "GatewayId": "local"}
    routes = [local | {"Origin": "CreateRouteTable", "State": "active"}]
    for route in table.get("Routes", []):
        target = next((route[key] for key in _ROUTE_TARGETS if key in route), "local")
        there = target in targets or not target.startswith(("nat-", "igw-"))
        routes.append({"Origin": "CreateRoute", "State": "active" if there else "blackhole"} | route)
        if target in targets and target != "local":
            place = {key: value for key, value in route.items() if key not in ("Origin", "State")}
            account.ask("ec2", "CreateRoute", RouteTableId=table_id, **place)
    account.stated[table_id] = {"Routes": routes}


def _identities(account: Account, state: Json) -> None:
    for arn, policy in state.get("policies", {}).items():
        path, name = re.sub(r"^[^/]*", "", arn).rpartition("/")[::2]
        document = json.dumps(policy["PolicyDocument"])
        account.ask("iam", "CreatePolicy", PolicyName=name, Path=f"{path}/", PolicyDocument=document)
    for name, role in state.get("roles", {}).items():
        _role(account, name, role)
    for issuer, provider in state.get("openIDConnectProviders", {}).items():
        lists = _only(provider, "ClientIDList", "ThumbprintList")
        account.ask("iam", "CreateOpenIDConnectProvider", Url=f"https://{issuer}", **lists)
    for name, profile in state.get("instanceProfiles", {}).items():
        account.ask("iam", "CreateInstanceProfile", InstanceProfileName=name, Path=profile.get("Path", "/"))
        for role in profile.get("Roles", []):
            account.ask("iam", "AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=role)


def _role(account: Account, name: str, role: Json) -> None:
    trust = json.dumps(role["AssumeRolePolicyDocument"])
    place = _only(role, "Path", "PermissionsBoundary")
    iam.provide_policies(account, place)
    account.ask("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust, **place)
    for arn in role.get("AttachedPolicies", []):
        iam.provide_policies(account, {"PolicyArn": arn})
        account.ask("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    for policy, document in role.get("InlinePolicies", {}).items():
        text = json.dumps(document)
        account.ask("iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=text)


def _instance(account: Account, instance_id: str, instance: Json) -> None:
    launch: dict[str, Any] = _only(
        instance, "SubnetId", "InstanceType", "PrivateIpAddress", "MetadataOptions"
    )
    match re.match(r"ip-(\d+)-(\d+)-(\d+)-(\d+)\.", instance.get("PrivateDnsName", "")):
        case re.Match() as address:
            launch.setdefault("PrivateIpAddress", ".".join(address.groups()))
    if profile := instance.get("IamInstanceProfile"):
        launch["IamInstanceProfile"] = {"Name": profile}
    if group := account.state["cluster"].get("resourcesVpcConfig", {}).get("clusterSecurityGroupId"):
        launch["SecurityGroupIds"] = [group]
    if tags := instance.get("Tags"):
        launch["TagSpecifications"] = [{"ResourceType": "instance", "Tags": tags}]
    ids = {"i": instance_id}
    account.ask("ec2", "RunInstances", ids=ids, ImageId=_IMAGE, MinCount=1, MaxCount=1, **launch)


def _instance_state(account: Account, instance_id: str, instance: Json) -> None:
    """Last of all, because no volume could be attached to an instance that is gone."""
    state = instance.get("State", "running")
    if state in ("shutting-down", "terminated"):
        account.ask("ec2", "TerminateInstances", InstanceIds=[instance_id])
    elif state in ("stopping", "stopped"):
        account.ask("ec2", "StopInstances", InstanceIds=[instance_id])
    stated = {
        key: value for key, value in instance.items() if key not in ("IamInstanceProfile", "MetadataOptions")
    }
    named = {"Name": state, "Code": _STATE_CODES[state]}
    account.stated[instance_id] = stated | {"State": named, "InstanceState": named}


def _volume(account: Account, volume_id: str, volume: Json) -> None:
    wanted = _only(volume, "AvailabilityZone", "Size", "VolumeType", "Iops", "Throughput", "SnapshotId")
    if tags := volume.get("Tags"):
        wanted["TagSpecifications"] = [{"ResourceType": "volume", "Tags": tags}]
    account.ask("ec2", "CreateVolume", ids={"vol": volume_id}, **wanted)
    attachments = volume.get("Attachments", [])
    for attachment in attachments[:1]:
        if attachment["InstanceId"] in account.state.get("instances", {}):
            place = _only(attachment, "InstanceId", "Device")
            account.ask("ec2", "AttachVolume", VolumeId=volume_id, **place)
    filled = {
        "VolumeId": volume_id,
        "AttachTime": account.created,
        "DeleteOnTermination": False,
        "State": "attached",
    }
    account.stated[volume_id] = {
        "State": "in-use" if attachments else "available",
        **volume,
        "Attachments": [filled | attachment for attachment in attachments],
    }
