"""What cdk.json may say, read from the CDK's context; a value that is wrong gets one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runbook.documents import BUCKET_NAME, CLUSTER_NAME, ROLE_ARN

ARCHITECTURES = ("x86_64", "arm64")
#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
_KEY = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+"
#: Context that is the CDK's own.
_NOT_OURS = re.compile(r"@|aws:|cdk-|cli-|availability-zones:|tree$")


class BadSetting(Exception):
    """The message is the sentence for the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The knobs of a deployment, all with defaults."""

    architecture: str = "x86_64"
    """Of the temporary function."""
    clusters: tuple[str, ...] = ()
    """Names of clusters in this account and Region that get an access entry for the automation role."""
    lambda_roles: tuple[str, ...] = ()
    """ARNs of roles that runs may give to the function (LambdaRoleArn) instead of ours."""
    report_buckets: tuple[str, ...] = ()
    """Names of buckets of this account to which runs may write (S3BucketName) instead of ours."""
    report_kms_key: str = ""
    """ARN of the key that encrypts our bucket; empty: with S3's own keys."""
    log_retention_days: int = 30


def read_settings(context: Mapping[str, Any]) -> Settings:
    """The settings in the CDK's context. Raises BadSetting."""
    known = {"architecture", "clusters", "lambdaRoles", "reportBuckets", "reportKmsKey", "logRetentionDays"}
    for name in context:
        if name not in known and not _NOT_OURS.match(name):
            raise BadSetting(f"{name} is no setting; there are {', '.join(sorted(known))}.")
    return Settings(
        architecture=_one_of(context, "architecture", ARCHITECTURES),
        clusters=_texts(context, "clusters", CLUSTER_NAME, "names of EKS clusters"),
        lambda_roles=_texts(context, "lambdaRoles", ROLE_ARN, "ARNs of IAM roles"),
        report_buckets=_texts(context, "reportBuckets", BUCKET_NAME, "names of S3 buckets"),
        report_kms_key=_key(context),
        log_retention_days=_days(context),
    )


def _one_of(context: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = context.get(name, allowed[0])
    if value not in allowed:
        raise BadSetting(f"{name} is {value!r}; it must be {' or '.join(allowed)}.")
    return str(value)


def _texts(context: Mapping[str, Any], name: str, pattern: str, what: str) -> tuple[str, ...]:
    """A list in cdk.json, or on the command line (`-c name=a,b`) a text with commas."""
    value = context.get(name, [])
    found = [one for one in value.split(",") if one] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadSetting(f"{name} is {value!r}; it must be a list of {what}.")
    for one in found:
        if not re.fullmatch(pattern, one):
            raise BadSetting(f"{name} has {one!r}; it must be a list of {what}.")
    return tuple(dict.fromkeys(found))


def _key(context: Mapping[str, Any]) -> str:
    value = context.get("reportKmsKey", "")
    if isinstance(value, str) and re.fullmatch(f"({_KEY})?", value):
        return value
    raise BadSetting(
        f"reportKmsKey is {value!r}; it must be the ARN of a KMS key (not of an alias) or empty."
    )


def _days(context: Mapping[str, Any]) -> int:
    value = context.get("logRetentionDays", Settings().log_retention_days)
    if isinstance(value, bool) or str(value) not in map(str, _DAYS):
        raise BadSetting(
            f"logRetentionDays is {value!r}; CloudWatch Logs keeps for {', '.join(map(str, _DAYS))} days."
        )
    return int(value)
