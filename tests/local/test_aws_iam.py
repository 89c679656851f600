"""IAM in the embedded account: roles, policies, providers, and the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import (
    ACCOUNT,
    CREATED,
    DRIVER,
    DRIVER_ARN,
    DRIVER_POLICY,
    ISSUER,
    PROVIDER_ARN,
    ask,
    error,
    identities,
    simulate,
    state,
    trust,
)

CREATE = "ec2:CreateVolume"
VOLUMES = f"arn:aws:ec2:us-east-1:{ACCOUNT}:volume/*"
TAGGED = {
    "ContextKeyName": "aws:RequestTag/ebs.csi.aws.com/cluster",
    "ContextKeyValues": ["true"],
    "ContextKeyType": "string",
}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state()) as embedded:
        yield embedded


def test_a_role_comes_back_with_its_policies(aws: EmbeddedAws) -> None:
    role = ask(aws, "iam", "get_role", RoleName=DRIVER)["Role"]

    assert (role["Arn"], role["CreateDate"], role["AssumeRolePolicyDocument"]) == (
        DRIVER_ARN,
        CREATED,
        trust(),
    )
    assert ask(aws, "iam", "list_attached_role_policies", RoleName=DRIVER)["AttachedPolicies"] == [
        {"PolicyName": "AmazonEBSCSIDriverPolicy", "PolicyArn": DRIVER_POLICY}
    ]
    assert ask(aws, "iam", "list_role_policies", RoleName=DRIVER)["PolicyNames"] == ["kms"]
    inline = ask(aws, "iam", "get_role_policy", RoleName=DRIVER, PolicyName="kms")["PolicyDocument"]
    assert inline == identities()["roles"][DRIVER]["InlinePolicies"]["kms"]


def test_a_managed_policy_is_aws_s_own(aws: EmbeddedAws) -> None:
    policy = ask(aws, "iam", "get_policy", PolicyArn=DRIVER_POLICY)["Policy"]
    version = policy["DefaultVersionId"]
    answer = ask(aws, "iam", "get_policy_version", PolicyArn=DRIVER_POLICY, VersionId=version)
    document = answer["PolicyVersion"]["Document"]

    assert "ec2:DescribeVolumes" in document["Statement"][0]["Action"]
    # Nobody attached this one: every account has it all the same.
    v2 = ask(aws, "iam", "get_policy", PolicyArn="arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2")
    assert v2["Policy"]["PolicyName"] == "AmazonEBSCSIDriverPolicyV2"


def test_the_identity_provider_and_the_instance_profile_come_back(aws: EmbeddedAws) -> None:
    providers = ask(aws, "iam", "list_open_id_connect_providers")["OpenIDConnectProviderList"]
    provider = ask(aws, "iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=PROVIDER_ARN)
    profile = ask(aws, "iam", "get_instance_profile", InstanceProfileName="shop-node")["InstanceProfile"]

    assert providers == [{"Arn": PROVIDER_ARN}]
    assert provider == {
        "Url": ISSUER,
        "ClientIDList": ["sts.amazonaws.com"],
        "ThumbprintList": ["9e" * 20],
        "CreateDate": CREATED,
        "Tags": [],
    }
    assert [role["RoleName"] for role in profile["Roles"]] == ["shop-node"]


@pytest.mark.parametrize(
    ("operation", "parameters", "words"),
    [
        ("get_role", {"RoleName": "x"}, "The role with name x cannot be found."),
        ("list_attached_role_policies", {"RoleName": "x"}, "The role with name x cannot be found."),
        (
            "get_role_policy",
            {"RoleName": DRIVER, "PolicyName": "x"},
            "The role policy with name x cannot be found.",
        ),
        ("get_instance_profile", {"InstanceProfileName": "x"}, "Instance Profile x cannot be found."),
        (
            "get_policy",
            {"PolicyArn": "arn:aws:iam::aws:policy/Nothing"},
            "Policy arn:aws:iam::aws:policy/Nothing was not found.",
        ),
        (
            "get_policy_version",
            {"PolicyArn": DRIVER_POLICY, "VersionId": "v999"},
            f"Policy {DRIVER_POLICY} version v999 does not exist or is not attachable.",
        ),
        (
            "get_open_id_connect_provider",
            {"OpenIDConnectProviderArn": f"{PROVIDER_ARN}X"},
            f"OpenIDConnect Provider not found for arn {PROVIDER_ARN}X",
        ),
    ],
)
def test_iam_says_what_is_not_there(aws: EmbeddedAws, operation: str, parameters: Any, words: str) -> None:
    assert error(aws, "iam", operation, **parameters) == ("NoSuchEntity", words, 404)


def test_without_a_resource_a_healthy_role_may_not_create_volumes(aws: EmbeddedAws) -> None:
    """The default resource `*` is not matched by a statement for `arn:aws:ec2:*:*:volume/*`."""
    assert simulate(aws, CREATE, "ec2:DescribeVolumes", "ec2:RunInstances") == [
        {
            "EvalActionName": CREATE,
            "EvalResourceName": "*",
            "EvalDecision": "implicitDeny",
            "MatchedStatements": [],
            "MissingContextValues": [],
        },
        {
            "EvalActionName": "ec2:DescribeVolumes",
            "EvalResourceName": "*",
            "EvalDecision": "allowed",
            "MatchedStatements": [
                {"SourcePolicyId": "AmazonEBSCSIDriverPolicy", "SourcePolicyType": "IAM Policy"}
            ],
            "MissingContextValues": [],
        },
        {
            "EvalActionName": "ec2:RunInstances",
            "EvalResourceName": "*",
            "EvalDecision": "implicitDeny",
            "MatchedStatements": [],
            "MissingContextValues": [],
        },
    ]


def test_without_context_the_missing_keys_are_named(aws: EmbeddedAws) -> None:
    (result,) = simulate(aws, CREATE, ResourceArns=[VOLUMES])

    missing = ["aws:RequestTag/ebs.csi.aws.com/cluster", "aws:RequestTag/CSIVolumeName"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", missing)
    assert result["ResourceSpecificResults"] == [
        {
            "EvalResourceName": VOLUMES,
            "EvalResourceDecision": "implicitDeny",
            "MatchedStatements": [],
            "MissingContextValues": missing,
        }
    ]


def test_with_resource_and_context_a_healthy_role_may_create_volumes(aws: EmbeddedAws) -> None:
    (result,) = simulate(aws, CREATE, ResourceArns=[VOLUMES], ContextEntries=[TAGGED])

    assert (result["EvalDecision"], result["EvalResourceName"]) == ("allowed", VOLUMES)


@pytest.mark.parametrize(
    ("arn", "answer"),
    [
        (f"{DRIVER_ARN}x", ("NoSuchEntity", f"Entity does not exist: {DRIVER_ARN}x", 404)),
        (
            "arn:aws:s3:::not-an-entity",
            ("InvalidInput", "Invalid Entity Arn: arn:aws:s3:::not-an-entity", 400),
        ),
    ],
)
def test_only_a_role_that_exists_is_simulated(aws: EmbeddedAws, arn: str, answer: Any) -> None:
    wanted = {"PolicySourceArn": arn, "ActionNames": [CREATE]}

    assert error(aws, "iam", "simulate_principal_policy", **wanted) == answer
