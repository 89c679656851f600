"""Where reports are kept: private, encrypted, versioned; it outlives the stack."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from runbook.deployment import bucket_name
from stacks.acknowledged import acknowledge


def report_bucket(scope: Construct, key_arn: str) -> s3.Bucket:
    """The bucket; encrypted with a key of the account where one is named."""
    key = kms.Key.from_key_arn(scope, "ReportKey", key_arn) if key_arn else None
    bucket = s3.Bucket(
        scope,
        "Reports",
        bucket_name=bucket_name(cdk.Aws.ACCOUNT_ID, cdk.Aws.REGION),
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=key,
        bucket_key_enabled=True if key else None,
        versioned=True,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="no-old-versions-no-broken-uploads",
                noncurrent_version_expiration=cdk.Duration.days(30),
                expired_object_delete_marker=True,
                abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
            )
        ],
        # Not on the way back from a creation that failed: then there are no reports yet.
        removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
    acknowledge(
        bucket,
        "S1",
        "A log of who reads reports would be a second bucket to look after; CloudTrail's data events "
        "tell it for those who want it.",
    )
    return bucket
