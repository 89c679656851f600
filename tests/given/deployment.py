"""What a deployed run begins with, when nothing stops it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.evidence.deployment.access_entry import AccessEntry
from runbook.evidence.deployment.bucket import ReportBucket, Writing
from runbook.evidence.deployment.compute import Compute
from runbook.evidence.deployment.network import ClusterSubnet, NatWay
from runbook.evidence.deployment.roles import CLOUDFORMATION, LAMBDA, Decision, FunctionRole, Passing, role
from runbook.evidence.deployment.security_group import Rule, SecurityGroup
from runbook.evidence.ebs.account import Cluster
from runbook.model import Deployment, Resource
from runbook.permissions import GROUP
from tests.given import account

AUTOMATION = "arn:aws:iam::111122223333:role/eks-runbook-automation-us-east-1"
CLOUDFORMATION_ROLE = "arn:aws:iam::111122223333:role/eks-runbook-cloudformation-us-east-1"
FUNCTION_ROLE = "arn:aws:iam::111122223333:role/eks-runbook-function-us-east-1"
ITSELF = Rule(egress=False, group="sg-1")
EVERYTHING_OUT = Rule(egress=True, network="0.0.0.0/0")


def deployment(**changes: Any) -> Deployment:
    """A run in account 111122223333."""
    usual = Deployment(
        document="TroubleshootEbsCsiDriversForEks",
        execution="5f1c2d3e-0a1b-4c2d-8e3f-a1b2c3d4e5f6",
        region="us-east-1",
        account="111122223333",
        partition="aws",
        automation_role=AUTOMATION,
        cloudformation_role=CLOUDFORMATION_ROLE,
        function_role=FUNCTION_ROLE,
        bucket="shop-reports",
    )
    return replace(usual, **changes)


def cluster(**changes: Any) -> Cluster:
    """An active cluster with a private endpoint, in two subnets."""
    settings = {
        "status": "ACTIVE",
        "authentication_mode": "API",
        "vpc": "vpc-1",
        "subnets": ("subnet-a", "subnet-b"),
        "private_access": True,
        "public_access": True,
        "public_cidrs": ("0.0.0.0/0",),
    }
    return account.cluster(**settings | changes)


def entry(**changes: Any) -> AccessEntry:
    """An access entry with the group that may read."""
    return replace(
        AccessEntry(
            resource=Resource(kind="AccessEntry", name="eks-runbook-automation-us-east-1", arn=AUTOMATION),
            groups=(GROUP,),
        ),
        **changes,
    )


def bucket(**changes: Any) -> ReportBucket:
    """A bucket of this account, here."""
    return replace(
        ReportBucket(resource=Resource(kind="Bucket", name="shop-reports"), region="us-east-1"), **changes
    )


def writing(**changes: Any) -> Writing:
    """The steps' role may write reports into that bucket."""
    objects = "arn:aws:s3:::shop-reports/TroubleshootEbsCsiDriversForEks/*"
    return replace(Writing(role=role(AUTOMATION), objects=objects, decision="allowed"), **changes)


def to_cloudformation(decision: Decision = "allowed") -> Passing:
    """The steps' role passes on CloudFormation's."""
    return Passing(by=role(AUTOMATION), role=role(CLOUDFORMATION_ROLE), to=CLOUDFORMATION, decision=decision)


def to_lambda(decision: Decision = "allowed") -> Passing:
    """CloudFormation's role passes on the function's."""
    return Passing(by=role(CLOUDFORMATION_ROLE), role=role(FUNCTION_ROLE), to=LAMBDA, decision=decision)


def function_role(**changes: Any) -> FunctionRole:
    """A role that Lambda may assume."""
    return replace(FunctionRole(resource=role(FUNCTION_ROLE), trusts_lambda=True), **changes)


def subnet(name: str = "subnet-a", **changes: Any) -> ClusterSubnet:
    """A subnet with much room."""
    roomy = ClusterSubnet(
        resource=Resource(kind="Subnet", name=name), zone="us-east-1a", network="10.0.32.0/19", free=8186
    )
    return replace(roomy, **changes)


def way(**changes: Any) -> NatWay:
    """A subnet behind a NAT gateway that the endpoint lets in."""
    open_way = NatWay(subnet="subnet-a", gateway="nat-1", addresses=("198.51.100.7",), let_in=True)
    return replace(open_way, **changes)


def security_group(*rules: Rule, **changes: Any) -> SecurityGroup:
    """A group with these rules; without any, as EKS makes it."""
    made = SecurityGroup(
        resource=Resource(kind="SecurityGroup", name="sg-1"),
        rules=rules or (ITSELF, EVERYTHING_OUT),
        api=("10.0.32.0/19", "10.0.64.0/19"),
    )
    return replace(made, **changes)


def compute(**changes: Any) -> Compute:
    """EC2 nodes, and no Fargate profile for the driver."""
    return replace(Compute(namespace="kube-system"), **changes)
