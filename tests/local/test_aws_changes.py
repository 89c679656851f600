"""The embedded account changed: by what its state says, or by the commands that mend it."""

from __future__ import annotations

import json

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import (
    ACCOUNT,
    DRIVER,
    DRIVER_POLICY,
    ISSUER,
    NEW_VOLUME,
    NODE_A,
    PROVIDER_ARN,
    SUBNET_A,
    VOLUME,
    ask,
    simulate,
    state,
    trust,
)

OWN_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/team/limits"
CREATE = "ec2:CreateVolume"
VOLUMES = f"arn:aws:ec2:us-east-1:{ACCOUNT}:volume/*"
TAGGED = {
    "ContextKeyName": "aws:RequestTag/ebs.csi.aws.com/cluster",
    "ContextKeyValues": ["true"],
    "ContextKeyType": "string",
}


def test_what_a_call_changes_is_no_longer_as_the_state_said() -> None:
    with EmbeddedAws(state()) as aws:
        ask(aws, "ec2", "detach_volume", VolumeId=VOLUME, InstanceId=NODE_A)
        changed, kept = ask(aws, "ec2", "describe_volumes", VolumeIds=[VOLUME, NEW_VOLUME])["Volumes"]

    assert (changed["State"], changed["Attachments"]) == ("available", [])
    assert kept["State"] == "creating"


def test_further_words_of_the_state_come_back_too() -> None:
    given = state() | {"ebsEncryptionByDefault": True}
    given["instances"][NODE_A] |= {
        "SystemStatus": {"Status": "impaired"},
        "MetadataOptions": {
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": 1,
            "HttpEndpoint": "enabled",
        },
    }
    given["subnets"][SUBNET_A]["AvailableIpAddressCount"] = 3
    with EmbeddedAws(given) as aws:
        status = ask(aws, "ec2", "describe_instance_status", InstanceIds=[NODE_A])["InstanceStatuses"][0]
        instance = ask(aws, "ec2", "describe_instances", InstanceIds=[NODE_A])["Reservations"][0][
            "Instances"
        ][0]
        subnet = ask(aws, "ec2", "describe_subnets", SubnetIds=[SUBNET_A])["Subnets"][0]

        assert ask(aws, "ec2", "get_ebs_encryption_by_default")["EbsEncryptionByDefault"] is True
    assert status["SystemStatus"] == {"Status": "impaired"}
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert subnet["AvailableIpAddressCount"] == 3


def test_an_inline_deny_outweighs_the_managed_policy() -> None:
    given = state()
    deny = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Action": "ec2:Create*", "Resource": "*"},
    }
    given["roles"][DRIVER]["InlinePolicies"]["deny"] = deny
    with EmbeddedAws(given) as aws:
        (result,) = simulate(aws, CREATE, ResourceArns=[VOLUMES], ContextEntries=[TAGGED])

    assert result["EvalDecision"] == "explicitDeny"
    assert [one["SourcePolicyId"] for one in result["MatchedStatements"]] == ["deny"]


def test_a_permissions_boundary_bounds() -> None:
    given = state()
    allow = {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}
    given["policies"] = {OWN_POLICY: {"PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}}
    given["roles"][DRIVER]["PermissionsBoundary"] = OWN_POLICY
    with EmbeddedAws(given) as aws:
        role = ask(aws, "iam", "get_role", RoleName=DRIVER)["Role"]
        within, beyond = simulate(aws, "ec2:DescribeVolumes", "kms:CreateGrant")

    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == OWN_POLICY
    for result, decision, allowed in ((within, "allowed", True), (beyond, "implicitDeny", False)):
        assert result["EvalDecision"] == decision
        assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": allowed}


def test_fixes_mend() -> None:
    broken = state()
    broken["roles"][DRIVER] |= {"AssumeRolePolicyDocument": trust("wrong"), "AttachedPolicies": []}
    broken["openIDConnectProviders"] = {}
    with EmbeddedAws(broken) as aws:
        before = simulate(aws, "ec2:DescribeVolumes")
        ask(aws, "iam", "update_assume_role_policy", RoleName=DRIVER, PolicyDocument=json.dumps(trust()))
        ask(aws, "iam", "attach_role_policy", RoleName=DRIVER, PolicyArn=DRIVER_POLICY)
        made = ask(aws, "iam", "create_open_id_connect_provider", Url=f"https://{ISSUER}")
        arn = made["OpenIDConnectProviderArn"]
        one = {"OpenIDConnectProviderArn": arn, "ClientID": "sts.amazonaws.com"}
        ask(aws, "iam", "add_client_id_to_open_id_connect_provider", **one)
        provider = ask(aws, "iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=arn)

        assert ask(aws, "iam", "get_role", RoleName=DRIVER)["Role"]["AssumeRolePolicyDocument"] == trust()
        after = simulate(aws, "ec2:DescribeVolumes")

    assert [before[0]["EvalDecision"], after[0]["EvalDecision"]] == ["implicitDeny", "allowed"]
    assert (arn, provider["ClientIDList"]) == (PROVIDER_ARN, ["sts.amazonaws.com"])
