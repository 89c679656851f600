from __future__ import annotations

from dataclasses import replace

import pytest

from runbook.checks.deployment.validation.bucket_region import bucket_region
from runbook.evidence.deployment.bucket import ReportBucket
from runbook.model import NotApplicable
from tests.given.aftercare import commands
from tests.given.deployment import bucket, deployment


def test_a_bucket_here() -> None:
    assert list(bucket_region(bucket(), deployment())) == []


def test_one_elsewhere() -> None:
    (problem,) = bucket_region(bucket(region="eu-west-1"), deployment())
    assert problem.summary == (
        "bucket shop-reports, where the report should go, is in Region eu-west-1, not in us-east-1, where the run "
        "works"
    )
    assert commands(problem) == ["aws s3api list-buckets --region us-east-1 --query 'Buckets[].Name'"]


@pytest.mark.parametrize(
    "found", [bucket(foreign=True), bucket(resource=replace(bucket().resource, exists=False))]
)
def test_without_a_bucket_of_ours_its_region_does_not_matter(found: ReportBucket) -> None:
    with pytest.raises(NotApplicable, match="this account has no bucket shop-reports"):
        list(bucket_region(found, deployment()))
