from __future__ import annotations

from dataclasses import replace

from runbook.checks.deployment.validation.bucket_owner import bucket_owner
from tests.given.aftercare import commands
from tests.given.deployment import bucket, deployment

LIST = "aws s3api list-buckets --region us-east-1 --query 'Buckets[].Name'"


def test_a_bucket_of_this_account() -> None:
    assert list(bucket_owner(bucket(), deployment())) == []


def test_one_of_another() -> None:
    (problem,) = bucket_owner(bucket(foreign=True, region=""), deployment())
    assert problem.summary == (
        "bucket shop-reports, where the report should go, belongs to another account than 111122223333"
    )
    assert problem.fix[0].text == (
        "Start without S3BucketName, so that the report goes to the deployment's own bucket; or with one of this "
        'account in us-east-1 that "reportBuckets" of cdk.json names'
    )
    assert commands(problem) == [LIST]


def test_none() -> None:
    (problem,) = bucket_owner(bucket(resource=replace(bucket().resource, exists=False)), deployment())
    assert problem.summary == "bucket shop-reports, where the report should go, does not exist"
    assert commands(problem) == [LIST]
