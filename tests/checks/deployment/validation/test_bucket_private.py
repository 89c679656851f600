from __future__ import annotations

from runbook.checks.deployment.validation.bucket_private import bucket_private
from runbook.evidence.deployment.bucket import Openness
from tests.given.aftercare import commands
from tests.given.deployment import deployment


def test_a_closed_bucket() -> None:
    assert list(bucket_private(Openness(), deployment())) == []


def test_an_open_one() -> None:
    (problem,) = bucket_private(Openness(by=("its policy", "its access control list")), deployment())
    assert problem.summary == (
        "bucket shop-reports, where the report should go, is open to the public by its policy and its access "
        "control list"
    )
    assert commands(problem) == [
        "aws s3api put-public-access-block --region us-east-1 --bucket shop-reports "
        "--public-access-block-configuration "
        "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
        "aws s3api get-public-access-block --region us-east-1 --bucket shop-reports",
    ]
    assert [(step.destructive, step.verifies) for step in problem.fix] == [(True, False), (False, True)]
