"""The report bucket, the log group, and what is told when the stack is there."""

from __future__ import annotations

from typing import Any

from tests.stacks.plain import committed, of_type

Resources = dict[str, dict[str, Any]]
BUCKET = "eks-runbook-reports-111122223333-us-east-1"


def test_reports_are_private_encrypted_and_versioned(resources: Resources) -> None:
    [bucket] = of_type(resources, "AWS::S3::Bucket")
    assert bucket == {
        "BucketName": BUCKET,
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]
        },
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "no-old-versions-no-broken-uploads",
                    "Status": "Enabled",
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    "ExpiredObjectDeleteMarker": True,
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                }
            ]
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "VersioningConfiguration": {"Status": "Enabled"},
    }


def test_reports_travel_by_tls_alone(resources: Resources) -> None:
    [policy] = of_type(resources, "AWS::S3::BucketPolicy")
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Action": "s3:*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        }
    ]


def test_reports_outlive_the_stack(resources: Resources) -> None:
    [bucket] = [one for one in resources.values() if one["Type"] == "AWS::S3::Bucket"]
    policies = (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"])
    assert policies == ("RetainExceptOnCreate", "Retain")


def test_logs_of_all_functions_are_in_one_group_and_expire(resources: Resources) -> None:
    [group] = of_type(resources, "AWS::Logs::LogGroup")
    assert group == {"LogGroupName": "/aws/lambda/eks-runbook-proxy", "RetentionInDays": 30}


def test_nothing_else_is_deployed(resources: Resources) -> None:
    kinds = sorted(one["Type"] for one in resources.values())
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "AWS::Events::Rule": 2,
        "AWS::IAM::ManagedPolicy": 1,
        "AWS::IAM::Role": 5,
        "AWS::Logs::LogGroup": 1,
        "AWS::S3::Bucket": 1,
        "AWS::S3::BucketPolicy": 1,
        "AWS::SQS::Queue": 1,
        "AWS::SQS::QueuePolicy": 1,
        "AWS::SSM::Document": 2,
    }


def test_the_outputs_say_how_to_go_on() -> None:
    assert sorted(committed()["Outputs"]) == [
        "AccessEntry",
        "AutomationRoleArn",
        "ClusterRole",
        "ReportBucket",
        "RunTroubleshootEbsCsiDriversForEks",
    ]
