"""The bucket for reports: whose it is, where it is, who may write into it, and who can read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runbook.evidence.deployment.roles import Decision, decide, role
from runbook.model import Deployment, NotApplicable, Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

#: S3's names for Regions that are older than the names of Regions.
#: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
_OLD_NAMES = {"": "us-east-1", "EU": "eu-west-1"}
_STRANGERS = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBucket:
    """The bucket; `foreign` when it belongs to another account, where nothing more is known of it."""

    resource: Resource
    region: str = ""
    foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Openness:
    """By what strangers may read a bucket ("its policy"); empty when it is private."""

    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Whether a role may write reports into a bucket; `objects` is the ARN of what it would write."""

    role: Resource
    objects: str
    decision: Decision


@evidence("s3:GetBucketLocation", "s3:ListBuckets")
async def report_bucket(aws: Aws, deployment: Deployment) -> ReportBucket:
    """The bucket, present or absent."""
    name = deployment.bucket
    resource = Resource(kind="Bucket", name=name)
    try:
        answer = await aws.call("s3:GetBucketLocation", **_owned(deployment), fields=("LocationConstraint",))
    except Unavailable as refusal:
        # S3 refuses in the same words when the owner is another and when a permission is missing.
        if not refusal.grant or await _is_listed(aws, name):
            raise
        return ReportBucket(resource=resource, foreign=True)
    if answer is None:
        return ReportBucket(resource=Resource(kind="Bucket", name=name, exists=False))
    place = answer.get("LocationConstraint") or ""
    return ReportBucket(resource=resource, region=_OLD_NAMES.get(place, place))


async def _is_listed(aws: Aws, name: str) -> bool:
    answer = await aws.call("s3:ListBuckets", Prefix=name, fields=("Buckets.Name",))
    return name in [bucket["Name"] for bucket in (answer or {}).get("Buckets", ())]


@evidence("s3:GetPublicAccessBlock", "s3:GetBucketPolicyStatus", "s3:GetBucketAcl")
async def bucket_openness(aws: Aws, deployment: Deployment, report_bucket: ReportBucket) -> Openness:
    """What opens the bucket and is not blocked. Raises NotApplicable for one that cannot be used anyway."""
    _refuse_unusable(deployment, report_bucket)
    owned = _owned(deployment)
    found = await aws.call("s3:GetPublicAccessBlock", **owned, fields=("PublicAccessBlockConfiguration",))
    block: dict[str, bool] = (found or {}).get("PublicAccessBlockConfiguration", {})
    by = []
    if not block.get("RestrictPublicBuckets"):
        status = await aws.call("s3:GetBucketPolicyStatus", **owned, fields=("PolicyStatus.IsPublic",))
        if (status or {}).get("PolicyStatus", {}).get("IsPublic"):
            by.append("its policy")
    if not block.get("IgnorePublicAcls"):
        granted = await aws.call("s3:GetBucketAcl", **owned, fields=("Grants.Grantee.URI",))
        if any(one.get("Grantee", {}).get("URI") in _STRANGERS for one in (granted or {}).get("Grants", ())):
            by.append("its access control list")
    return Openness(by=tuple(by))


@evidence("iam:SimulatePrincipalPolicy")
async def report_writing(aws: Aws, deployment: Deployment, report_bucket: ReportBucket) -> Writing:
    """What the role's own policies say. Raises NotApplicable for a bucket that cannot be used anyway."""
    _refuse_unusable(deployment, report_bucket)
    arn = deployment.automation_role
    objects = f"arn:{deployment.partition}:s3:::{deployment.bucket}/{deployment.document}/*"
    account = ("s3:ResourceAccount", deployment.account)
    decision = await decide(aws, arn, "s3:PutObject", objects, context=account)
    if decision == "no such role":
        raise NotApplicable(f"role {role(arn).name} does not exist")
    return Writing(role=role(arn), objects=objects, decision=decision)


def _refuse_unusable(deployment: Deployment, report_bucket: ReportBucket) -> None:
    if not report_bucket.resource.exists or report_bucket.region != deployment.region:
        raise NotApplicable(f"bucket {deployment.bucket} cannot be used anyway")


def _owned(deployment: Deployment) -> dict[str, Any]:
    """With the owner in the question, S3 refuses a bucket that somebody else has made under this name."""
    return {"Bucket": deployment.bucket, "ExpectedBucketOwner": deployment.account}
