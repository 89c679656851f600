"""Whose bucket the report goes to."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws
from runbook.evidence.deployment.bucket import ReportBucket
from runbook.model import Deployment, Fix, Problem
from runbook.registry import check


@check(
    severity="critical",
    kind="obstacle",
    about="Bucket",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html",
)
def bucket_owner(report_bucket: ReportBucket, deployment: Deployment) -> Iterator[Problem]:
    """The report's bucket exists and belongs to this account.

    Bucket names are shared by all accounts of the world. What a run learns of a cluster must not be written
    into a bucket that somebody else has made under the expected name.
    """
    name = deployment.bucket
    if report_bucket.foreign:
        yield Problem(
            resource=report_bucket.resource,
            summary=f"bucket {name}, where the report should go, belongs to another account than "
            f"{deployment.account}",
            fix=fix(deployment),
        )
    elif not report_bucket.resource.exists:
        yield Problem(
            resource=report_bucket.resource,
            summary=f"bucket {name}, where the report should go, does not exist",
            fix=fix(deployment),
        )


def fix(deployment: Deployment) -> tuple[Fix, ...]:
    """Another bucket, or none named."""
    listing = aws(deployment.region, "s3api", "list-buckets", "--query", "Buckets[].Name")
    return (
        Fix(
            text="Start without S3BucketName, so that the report goes to the deployment's own bucket; or "
            f'with one of this account in {deployment.region} that "reportBuckets" of cdk.json names',
            command=listing,
        ),
    )
