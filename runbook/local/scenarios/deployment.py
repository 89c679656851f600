"""What stops a deployed run before it deploys anything. The cluster itself is well."""

from __future__ import annotations

from typing import Any

from runbook.local.account import ACCOUNT, AUTOMATION_ROLE, REGION, SECURITY_GROUP, access_entry, role_arn
from runbook.local.scenarios import ORDERS, scenario
from runbook.local.world import World

_CHECKS = "deployment.validation"
_WRITABLE = f"{_CHECKS}.bucket_writable"
_REPORTS = "shop-reports"
_IN_REPORTS = {**ORDERS, "S3BucketName": _REPORTS}
_PROXY_ROLE = {**ORDERS, "LambdaRoleArn": role_arn("shop-proxy")}
_OWN_ROLE = {**ORDERS, "AutomationAssumeRole": role_arn("shop-runbooks")}


def _role(service: str, *statements: dict[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [*statements]}
    return {
        "Path": "/",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "AttachedPolicies": [],
        "InlinePolicies": {"work": policy} if statements else {},
    }


def _endpoint(world: World, *, cidrs: list[str]) -> None:
    network = world.aws["cluster"]["resourcesVpcConfig"]
    network |= {"endpointPrivateAccess": False, "publicAccessCidrs": cidrs}


@scenario(
    verdict="inconclusive",
    stops=[f"{_CHECKS}.cluster_exists"],
    parameters={**ORDERS, "EksClusterName": "shpo"},
)
def cluster_misspelt(world: World) -> None:
    """The cluster's name was misspelt."""


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.cluster_active"])
def cluster_being_deleted(world: World) -> None:
    """The cluster is being deleted."""
    world.aws["cluster"]["status"] = "DELETING"


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.authentication_mode"])
def no_access_entries_at_all(world: World) -> None:
    """An old cluster knows ConfigMap aws-auth alone."""
    world.aws["cluster"]["accessConfig"]["authenticationMode"] = "CONFIG_MAP"
    world.aws["accessEntries"] = {}


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.access_entry"])
def no_access_entry(world: World) -> None:
    """Nobody has given the run's role an access entry."""
    world.aws["accessEntries"] = {}


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.access_entry"])
def access_entry_too_narrow(world: World) -> None:
    """The access entry has a policy that shows neither nodes nor volumes."""
    view = {
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        "accessScope": {"type": "cluster", "namespaces": []},
    }
    entry = access_entry(AUTOMATION_ROLE, groups=())
    world.aws["accessEntries"] = {AUTOMATION_ROLE: {**entry, "associatedAccessPolicies": [view]}}


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.bucket_private", _WRITABLE], parameters=_IN_REPORTS)
def bucket_public(world: World) -> None:
    """The bucket that was named for the report is open to everybody."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{_REPORTS}/*",
    }
    world.aws["buckets"] = {_REPORTS: {"Policy": {"Version": "2012-10-17", "Statement": [statement]}}}


@scenario(verdict="inconclusive", stops=[_WRITABLE], parameters=_IN_REPORTS)
def bucket_not_writable(world: World) -> None:
    """The bucket that was named for the report is one of which the deployment was not told."""
    world.aws["buckets"] = {_REPORTS: {}}


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.bucket_region"], parameters=_IN_REPORTS)
def bucket_in_another_region(world: World) -> None:
    """The bucket that was named for the report is in Europe."""
    world.aws["buckets"] = {_REPORTS: {"Region": "eu-west-1"}}


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.bucket_owner"], parameters=_IN_REPORTS)
def bucket_of_another_account(world: World) -> None:
    """The bucket that was named for the report belongs to somebody else."""
    world.aws["foreignBuckets"] = [_REPORTS]


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.function_role_passable"], parameters=_PROXY_ROLE)
def function_role_not_passable(world: World) -> None:
    """The function is to work with a role that CloudFormation may not hand on."""
    world.aws["roles"]["shop-proxy"] = _role("lambda.amazonaws.com")


@scenario(
    verdict="inconclusive",
    stops=[f"{_CHECKS}.function_role_assumable", f"{_CHECKS}.function_role_passable"],
    parameters=_PROXY_ROLE,
)
def function_role_of_ec2(world: World) -> None:
    """The function is to work with a role that was made for EC2."""
    world.aws["roles"]["shop-proxy"] = _role("ec2.amazonaws.com")


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.function_role_passable"], parameters=_OWN_ROLE)
def steps_may_not_pass(world: World) -> None:
    """The steps work with a role of the user's, which may do all but hand on roles."""
    arn = role_arn("shop-runbooks")
    all_else = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}
    world.aws["roles"]["shop-runbooks"] = _role("ssm.amazonaws.com", all_else)
    world.aws["accessEntries"] = {arn: access_entry(arn)}


@scenario(verdict="inconclusive", stops=[_WRITABLE], parameters={**_OWN_ROLE, **_IN_REPORTS})
def steps_may_not_write(world: World) -> None:
    """The steps work with a role of the user's, which may do all but write into buckets."""
    arn = role_arn("shop-runbooks")
    all_else = {"Effect": "Allow", "NotAction": "s3:PutObject", "Resource": "*"}
    world.aws["roles"]["shop-runbooks"] = _role("ssm.amazonaws.com", all_else)
    world.aws["accessEntries"] = {arn: access_entry(arn)}
    world.aws["buckets"] = {_REPORTS: {}}


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.subnets_have_addresses"])
def subnets_full(world: World) -> None:
    """The cluster's subnets have run out of addresses."""
    subnets = world.aws["cluster"]["resourcesVpcConfig"]["subnetIds"]
    for subnet, free in zip(subnets, (0, 3, 1), strict=True):
        world.aws["subnets"][subnet]["AvailableIpAddressCount"] = free


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.security_group_rules"])
def security_group_narrowed(world: World) -> None:
    """Somebody has taken everything but HTTPS to one network out of the cluster security group."""
    world.aws["securityGroups"][SECURITY_GROUP] = {
        "IpPermissions": [],
        "IpPermissionsEgress": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
        ],
    }


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.endpoint_reachable"])
def endpoint_for_the_office_alone(world: World) -> None:
    """The API server has a public address alone, and lets in the office alone."""
    _endpoint(world, cidrs=["203.0.113.0/24"])


@scenario(verdict="healthy")
def endpoint_lets_in_the_nat_gateway(world: World) -> None:
    """The API server has a public address alone, and lets in the office and the cluster's NAT gateway."""
    _endpoint(world, cidrs=["203.0.113.0/24", "198.51.100.7/32"])


@scenario(verdict="inconclusive", stops=[f"{_CHECKS}.driver_not_fargate_only"])
def fargate_only(world: World) -> None:
    """Everything runs on Fargate."""
    arn = f"arn:aws:eks:{REGION}:{ACCOUNT}:fargateprofile/shop/system"
    selectors = [{"namespace": "kube-system"}, {"namespace": "shop"}]
    world.aws["fargateProfiles"] = {
        "system": {
            "fargateProfileName": "system",
            "fargateProfileArn": arn,
            "clusterName": "shop",
            "selectors": selectors,
            "status": "ACTIVE",
        }
    }
    world.aws["volumes"] = {}
    world.aws["instances"] = {}


@scenario(
    verdict="inconclusive",
    stops=[f"{_CHECKS}.parameters_agree"],
    parameters={"ApplicationPodName": "orders-0"},
)
def pod_without_namespace(world: World) -> None:
    """A pod was named, but not its namespace."""
