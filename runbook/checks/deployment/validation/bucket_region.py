"""Where the report's bucket is."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.checks.deployment.validation.bucket_owner import fix
from runbook.evidence.deployment.bucket import ReportBucket
from runbook.model import Deployment, NotApplicable, Problem
from runbook.registry import check


@check(
    severity="high",
    kind="obstacle",
    about="Bucket",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html",
)
def bucket_region(report_bucket: ReportBucket, deployment: Deployment) -> Iterator[Problem]:
    """The report's bucket is in the Region of the run.

    Reports hold names and log lines of a cluster, which may have to stay in its Region.
    """
    if report_bucket.foreign or not report_bucket.resource.exists:
        raise NotApplicable(f"this account has no bucket {deployment.bucket}")
    if report_bucket.region != deployment.region:
        yield Problem(
            resource=report_bucket.resource,
            summary=f"bucket {deployment.bucket}, where the report should go, is in Region "
            f"{report_bucket.region}, not in {deployment.region}, where the run works",
            fix=fix(deployment),
        )
