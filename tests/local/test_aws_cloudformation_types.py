"""Each type of resource: what a template says of it is what its service then tells."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import ACCOUNT, DRIVER_ARN, Json, ask, error, state
from tests.local.aws_stacks import created, deleted, template, updated

VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state()) as opened:
        yield opened


def _one(kind: str, **properties: object) -> str:
    outputs = {"Id": {"Value": {"Ref": "It"}}}
    return template({"It": {"Type": kind, "Properties": properties}}, Outputs=outputs)


def _id(stack: Json) -> str:
    assert stack["StackStatus"].endswith("E_COMPLETE"), stack
    return str(stack["Outputs"][0]["OutputValue"])


def test_a_bucket_s_settings(aws: EmbeddedAws) -> None:
    block = dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    encryption = {"SSEAlgorithm": "AES256"}
    rules = [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 90, "Prefix": "a/"}]
    everything = {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": encryption}]
        },
        "LifecycleConfiguration": {"Rules": rules},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": dict.fromkeys(block, "true"),
        "VersioningConfiguration": {"Status": "Enabled"},
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    body = _one("AWS::S3::Bucket", BucketName="all-settings", **everything)
    bucket = {"Bucket": _id(created(aws, "bucket", body))}
    told = ask(aws, "s3", "get_bucket_encryption", **bucket)["ServerSideEncryptionConfiguration"]
    lifecycle = ask(aws, "s3", "get_bucket_lifecycle_configuration", **bucket)["Rules"]

    assert told["Rules"][0]["ApplyServerSideEncryptionByDefault"] == encryption
    assert [(r["ID"], r["Expiration"], r["Filter"]) for r in lifecycle] == [
        ("old", {"Days": 90}, {"Prefix": "a/"})
    ]
    assert ask(aws, "s3", "get_public_access_block", **bucket)["PublicAccessBlockConfiguration"] == block
    assert ask(aws, "s3", "get_bucket_versioning", **bucket)["Status"] == "Enabled"
    assert ask(aws, "s3", "get_bucket_tagging", **bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
    updated(aws, "bucket", _one("AWS::S3::Bucket", BucketName="all-settings"))
    assert ask(aws, "s3", "get_bucket_versioning", **bucket)["Status"] == "Suspended"
    assert (
        error(aws, "s3", "get_bucket_lifecycle_configuration", **bucket)[0] == "NoSuchLifecycleConfiguration"
    )
    assert error(aws, "s3", "get_public_access_block", **bucket)[0] == "NoSuchPublicAccessBlockConfiguration"


def _document(seconds: int, version: str, **more: object) -> str:
    step = {"name": "wait", "action": "aws:sleep", "inputs": {"Duration": f"PT{seconds}S"}}
    return _one(
        "AWS::SSM::Document",
        Name="Waits",
        DocumentType="Automation",
        DocumentFormat="JSON",
        Content={"schemaVersion": "0.3", "mainSteps": [step]},
        VersionName=version,
        **more,
    )


def test_a_document_gets_a_new_version_that_is_its_default(aws: EmbeddedAws) -> None:
    name = _id(created(aws, "document", _document(1, "v1", UpdateMethod="NewVersion")))
    stack = updated(aws, "document", _document(2, "v2", UpdateMethod="NewVersion"))
    told = ask(aws, "ssm", "get_document", Name=name)

    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert (told["DocumentVersion"], told["VersionName"]) == ("2", "v2")
    assert json.loads(told["Content"])["mainSteps"][0]["inputs"] == {"Duration": "PT2S"}
    failed = updated(aws, "document", _document(3, "v3"))
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert json.loads(ask(aws, "ssm", "get_document", Name=name)["Content"])["mainSteps"][0]["inputs"] == {
        "Duration": "PT2S"
    }


def test_a_log_group_s_retention(aws: EmbeddedAws) -> None:
    def told() -> Json:
        groups: list[Json] = ask(aws, "logs", "describe_log_groups", logGroupNamePrefix="/group")["logGroups"]
        return groups[0]

    stack = created(aws, "logs", _one("AWS::Logs::LogGroup", LogGroupName="/group", RetentionInDays=7))
    assert (_id(stack), told()["retentionInDays"]) == ("/group", 7)
    updated(aws, "logs", _one("AWS::Logs::LogGroup", LogGroupName="/group"))
    assert "retentionInDays" not in told()


def test_a_rule_s_targets(aws: EmbeddedAws) -> None:
    def rule(*targets: Json, rate: str = "rate(1 hour)") -> str:
        return _one("AWS::Events::Rule", Name="tick", ScheduleExpression=rate, Targets=list(targets))

    document = f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-definition/Waits"
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:left-over"
    one: Json = {
        "Id": "one",
        "Arn": document,
        "RoleArn": DRIVER_ARN,
        "RetryPolicy": {"MaximumRetryAttempts": 2},
        "DeadLetterConfig": {"Arn": queue},
    }
    other: Json = {"Id": "other", "Arn": queue}
    created(aws, "rule", rule(one, other))
    before = ask(aws, "events", "list_targets_by_rule", Rule="tick")["Targets"]
    updated(aws, "rule", rule(one, rate="rate(2 hours)"))
    after = ask(aws, "events", "list_targets_by_rule", Rule="tick")["Targets"]
    schedule = ask(aws, "events", "describe_rule", Name="tick")["ScheduleExpression"]

    assert (before, after, schedule) == ([one, other], [one], "rate(2 hours)")


def test_a_queue_and_its_policy(aws: EmbeddedAws) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}

    def body(seconds: int) -> str:
        queue = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"MessageRetentionPeriod": seconds, "SqsManagedSseEnabled": True},
        }
        allowed = {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": policy},
        }
        outputs = {"Id": {"Value": {"Ref": "Queue"}}, "Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}}
        return template({"Allowed": allowed, "Queue": queue}, Outputs=outputs)

    stack = created(aws, "queue", body(600))
    asked = {"QueueUrl": _id(stack), "AttributeNames": ["All"]}
    told = ask(aws, "sqs", "get_queue_attributes", **asked)["Attributes"]
    updated(aws, "queue", body(700))
    changed = ask(aws, "sqs", "get_queue_attributes", **asked)["Attributes"]

    assert (told["MessageRetentionPeriod"], changed["MessageRetentionPeriod"]) == ("600", "700")
    assert json.loads(told["Policy"]) == policy
    assert stack["Outputs"][1]["OutputValue"] == told["QueueArn"]


def test_an_access_entry_lets_a_role_into_the_cluster(aws: EmbeddedAws) -> None:
    def entry(*groups: str, **more: object) -> str:
        named = {"ClusterName": "shop", "PrincipalArn": DRIVER_ARN}
        return _one("AWS::EKS::AccessEntry", **named, KubernetesGroups=list(groups), **more)

    asked = {"clusterName": "shop", "principalArn": DRIVER_ARN}
    policies = [{"PolicyArn": VIEW, "AccessScope": {"Type": "cluster"}}]
    stack = created(aws, "entry", entry("readers", AccessPolicies=policies))
    told = ask(aws, "eks", "describe_access_entry", **asked)["accessEntry"]
    associated = ask(aws, "eks", "list_associated_access_policies", **asked)["associatedAccessPolicies"]
    updated(aws, "entry", entry("watchers"))
    changed = ask(aws, "eks", "describe_access_entry", **asked)["accessEntry"]
    left = ask(aws, "eks", "list_associated_access_policies", **asked)["associatedAccessPolicies"]
    deleted(aws, stack["StackId"])

    assert _id(stack) == f"{DRIVER_ARN}|shop"
    assert (told["type"], told["username"], told["kubernetesGroups"]) == (
        "STANDARD",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-ebs-csi/{{{{SessionName}}}}",
        ["readers"],
    )
    assert [(one["policyArn"], one["accessScope"]["type"]) for one in associated] == [(VIEW, "cluster")]
    assert (changed["kubernetesGroups"], left) == (["watchers"], [])
    assert error(aws, "eks", "describe_access_entry", **asked)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"principalArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, ("InvalidParameterException", "The specified principalArn is invalid: invalid principal.", 400)),
        ({"principalArn": DRIVER_ARN, "type": "ROBOT"}, ("InvalidParameterException", "The specified type ROBOT is not supported.", 400)),
        ({"principalArn": DRIVER_ARN, "kubernetesGroups": ["system:masters"]}, ("InvalidParameterException", "The kubernetes group name system:masters is invalid.", 400)),
        ({"principalArn": DRIVER_ARN, "clusterName": "other"}, ("ResourceNotFoundException", "No cluster found for name: other.", 404)),
    ],
)  # fmt: skip
def test_an_access_entry_that_eks_refuses(
    aws: EmbeddedAws, asked: Json, refused: tuple[str, str, int]
) -> None:
    assert error(aws, "eks", "create_access_entry", **{"clusterName": "shop", **asked}) == refused


def test_what_cdk_bootstrap_makes_besides(aws: EmbeddedAws) -> None:
    lifecycle = {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 9,
                },
                "action": {"type": "expire"},
            }
        ]
    }  # fmt: skip
    key_policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}],
    }
    resources = {
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {"KeyPolicy": key_policy, "EnableKeyRotation": True, "PendingWindowInDays": 7},
        },
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/cdk", "TargetKeyId": {"Ref": "Key"}},
        },
        "Images": {
            "Type": "AWS::ECR::Repository",
            "Properties": {
                "RepositoryName": "images",
                "ImageTagMutability": "IMMUTABLE",
                "LifecyclePolicy": {"LifecyclePolicyText": json.dumps(lifecycle)},
            },
        },
        "Analytics": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:x"}},
    }
    stack = created(aws, "besides", template(resources, Outputs={"Id": {"Value": {"Ref": "Key"}}}))
    key = _id(stack)
    aliases = ask(aws, "kms", "list_aliases", KeyId=key)["Aliases"]
    images = ask(aws, "ecr", "describe_repositories", repositoryNames=["images"])["repositories"][0]

    assert [one["AliasName"] for one in aliases] == ["alias/cdk"]
    assert ask(aws, "kms", "get_key_rotation_status", KeyId=key)["KeyRotationEnabled"] is True
    assert images["imageTagMutability"] == "IMMUTABLE"
    told = ask(aws, "ecr", "get_lifecycle_policy", repositoryName="images")["lifecyclePolicyText"]
    assert json.loads(told) == lifecycle
    assert deleted(aws, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert ask(aws, "kms", "describe_key", KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
