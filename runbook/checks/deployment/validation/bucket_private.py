"""Who can read the report's bucket."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws
from runbook.evidence.deployment.bucket import Openness
from runbook.model import Deployment, Fix, Problem, Resource
from runbook.registry import check
from runbook.wording import names

_BLOCK = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"


@check(
    severity="critical",
    kind="obstacle",
    about="Bucket",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
def bucket_private(bucket_openness: Openness, deployment: Deployment) -> Iterator[Problem]:
    """The report's bucket is closed to the public.

    Reports and recordings name what runs in a cluster and quote its logs; strangers must not read them.
    """
    if bucket_openness.by:
        yield Problem(
            resource=Resource(kind="Bucket", name=deployment.bucket),
            summary=f"bucket {deployment.bucket}, where the report should go, is open to the public by "
            f"{names(bucket_openness.by)}",
            fix=fix(deployment),
        )


def fix(deployment: Deployment) -> tuple[Fix, ...]:
    """Close it, or take another."""
    bucket = ("--bucket", deployment.bucket)
    block = aws(
        deployment.region, "s3api", "put-public-access-block", *bucket,
        "--public-access-block-configuration", _BLOCK,
    )  # fmt: skip
    shown = aws(deployment.region, "s3api", "get-public-access-block", *bucket)
    return (
        Fix(
            text="Close it to the public, if nobody is meant to read it without signing in; else start "
            "without S3BucketName, so that the report goes to the deployment's own bucket",
            command=block,
            destructive=True,
        ),
        Fix(text="It worked when this says true four times", command=shown, verifies=True),
    )
