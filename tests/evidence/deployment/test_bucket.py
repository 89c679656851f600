from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runbook.evidence.deployment.bucket import (
    Openness,
    ReportBucket,
    bucket_openness,
    report_bucket,
    report_writing,
)
from runbook.model import NotApplicable, Unavailable
from runbook.recording import Answer
from tests.given.deployment import AUTOMATION, bucket, deployment, writing
from tests.given.ports import ABSENT, Table, provided

REFUSED = Answer(outcome="refused", message="s3:GetBucketLocation answered AccessDenied: Access Denied")
EVERYBODY = {"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}
OWNER = {"Grantee": {"ID": "75aa"}}


def find(location: Any, listed: Any = None) -> ReportBucket:
    table = Table({"s3:GetBucketLocation": location, "s3:ListBuckets": listed})
    found: ReportBucket = provided(report_bucket, table, deployment=deployment())
    assert table.asked[0].parameters == {"Bucket": "shop-reports", "ExpectedBucketOwner": "111122223333"}
    return found


@pytest.mark.parametrize(
    ("place", "region"), [(None, "us-east-1"), ("EU", "eu-west-1"), ("eu-central-1", "eu-central-1")]
)
def test_its_region(place: str | None, region: str) -> None:
    assert find({"LocationConstraint": place}) == bucket(region=region)


def test_none() -> None:
    assert find(ABSENT).resource.exists is False


def test_refused_and_in_no_list_of_this_account() -> None:
    assert find(REFUSED, {"Buckets": [{"Name": "shop-reports-2"}]}) == bucket(foreign=True, region="")


def test_refused_and_ours_all_the_same() -> None:
    with pytest.raises(Unavailable, match="s3:GetBucketLocation answered AccessDenied: Access Denied"):
        find(REFUSED, {"Buckets": [{"Name": "shop-reports"}]})


def test_a_time_out_says_nothing_about_the_owner() -> None:
    with pytest.raises(Unavailable, match="timed out"):
        find(Answer(outcome="failed", message="timed out"))


def openness(block: dict[str, bool] | None, *, public: Any = ABSENT, grants: Any = (OWNER,)) -> Any:
    table = Table(
        {
            "s3:GetPublicAccessBlock": {"PublicAccessBlockConfiguration": block} if block else ABSENT,
            "s3:GetBucketPolicyStatus": public,
            "s3:GetBucketAcl": {"Grants": [*grants]},
        }
    )
    found = provided(bucket_openness, table, deployment=deployment(), report_bucket=bucket())
    return found, [request.call for request in table.asked]


def test_what_is_blocked_need_not_be_asked() -> None:
    block = {"RestrictPublicBuckets": True, "IgnorePublicAcls": True}
    assert openness(block) == (Openness(), ["s3:GetPublicAccessBlock"])


@pytest.mark.parametrize("status", [ABSENT, {"PolicyStatus": {"IsPublic": False}}])
def test_a_bucket_without_block_that_nothing_opens(status: Any) -> None:
    assert openness(None, public=status)[0] == Openness()


def test_a_bucket_that_both_open() -> None:
    found, _ = openness(None, public={"PolicyStatus": {"IsPublic": True}}, grants=(OWNER, EVERYBODY))
    assert found == Openness(by=("its policy", "its access control list"))


def simulated(answer: Any) -> Any:
    table = Table({"iam:SimulatePrincipalPolicy": answer})
    found = provided(report_writing, table, deployment=deployment(), report_bucket=bucket())
    return found, table.asked


def test_what_the_simulator_is_asked_about_writing() -> None:
    found, (request,) = simulated({"EvaluationResults": [{"EvalDecision": "allowed"}]})
    assert found == writing()
    assert request.parameters == {
        "PolicySourceArn": AUTOMATION,
        "ActionNames": ["s3:PutObject"],
        "ResourceArns": ["arn:aws:s3:::shop-reports/TroubleshootEbsCsiDriversForEks/*"],
        "ContextEntries": [
            {
                "ContextKeyName": "s3:ResourceAccount",
                "ContextKeyValues": ["111122223333"],
                "ContextKeyType": "string",
            }
        ],
    }


@pytest.mark.parametrize(
    ("result", "decision"),
    [({"EvalDecision": "implicitDeny"}, "denied"), ({"EvalDecision": "explicitDeny"}, "ruled out")],
)
def test_what_it_denies(result: Any, decision: Any) -> None:
    assert simulated({"EvaluationResults": [result]})[0] == writing(decision=decision)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            {
                "EvaluationResults": [
                    {"EvalDecision": "implicitDeny", "MissingContextValues": ["aws:SourceVpc"]}
                ]
            },
            "it depends on aws:SourceVpc, which IAM's simulator was not given",
        ),
        ({"EvaluationResults": []}, "IAM's simulator did not answer about s3:PutObject"),
        (Answer(outcome="refused", message="not you"), "not you"),
    ],
)
def test_where_it_cannot_be_known(answer: Any, reason: str) -> None:
    with pytest.raises(Unavailable) as raised:
        simulated(answer)
    assert raised.value.reason == reason


def test_a_role_that_is_not_there_writes_nothing() -> None:
    with pytest.raises(NotApplicable, match="role eks-runbook-automation-us-east-1 does not exist"):
        simulated(ABSENT)


@pytest.mark.parametrize("provider", [bucket_openness, report_writing])
@pytest.mark.parametrize(
    "found",
    [
        bucket(foreign=True, region=""),
        bucket(region="eu-west-1"),
        bucket(resource=replace(bucket().resource, exists=False), region=""),
    ],
)
def test_a_bucket_that_cannot_be_used_is_not_looked_into(provider: Any, found: ReportBucket) -> None:
    with pytest.raises(NotApplicable, match="bucket shop-reports cannot be used anyway"):
        provided(provider, Table({}), deployment=deployment(), report_bucket=found)
