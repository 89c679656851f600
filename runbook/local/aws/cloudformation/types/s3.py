"""AWS::S3::Bucket and ::BucketPolicy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runbook.local.aws.cloudformation.conform import document
from runbook.local.aws.cloudformation.types.base import Context, ResourceType, Setting, tag_list
from runbook.local.aws.moto_wire import Json


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """Where a template's name for a thing is not that of S3's API."""
    match value:
        case dict():
            return {names.get(key, key): _renamed(one, names) for key, one in value.items()}
        case list():
            return [_renamed(one, names) for one in value]
    return value


_ENCRYPTION = {
    "ServerSideEncryptionConfiguration": "Rules",
    "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
}
_RULE = {
    "Id": "ID", "ExpirationInDays": "Expiration", "Transitions": "Transitions",
    "NoncurrentVersionTransitions": "NoncurrentVersionTransitions",
}  # fmt: skip
_DAYS = {"TransitionInDays": "Days"}


def _lifecycle(wanted: Json) -> Json:
    return {"Rules": [_lifecycle_rule(rule) for rule in wanted["Rules"]]}


def _lifecycle_rule(rule: Json) -> Json:
    """A template's rule says flatly what the API says in nested objects."""
    flat = ("ExpirationInDays", "ExpiredObjectDeleteMarker", "Prefix", "TagFilters")
    converted = {_RULE.get(key, key): _renamed(one, _DAYS) for key, one in rule.items() if key not in flat}
    if "ExpirationInDays" in rule:
        converted["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "ExpiredObjectDeleteMarker" in rule:
        marker = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
        converted["Expiration"] = converted.get("Expiration", {}) | marker
    prefix, tags = rule.get("Prefix", ""), rule.get("TagFilters", [])
    converted["Filter"] = {"And": {"Prefix": prefix, "Tags": tags}} if tags else {"Prefix": prefix}
    return converted


def _logging(wanted: Json) -> Json:
    names = {"DestinationBucketName": "TargetBucket", "LogFilePrefix": "TargetPrefix"}
    return {"LoggingEnabled": {"TargetPrefix": ""} | _renamed(wanted, names)}


def _same(wanted: Json) -> Json:
    return wanted


# Property -> (parameter, put, conversion, what takes it away: an operation or the value that means nothing).
_SETTINGS: dict[str, tuple[str, str, Callable[[Json], Json], str | Json]] = {
    "BucketEncryption": (
        "ServerSideEncryptionConfiguration", "PutBucketEncryption",
        lambda wanted: _renamed(wanted, _ENCRYPTION), "DeleteBucketEncryption",
    ),
    "LifecycleConfiguration": (
        "LifecycleConfiguration", "PutBucketLifecycleConfiguration", _lifecycle, "DeleteBucketLifecycle",
    ),
    "LoggingConfiguration": ("BucketLoggingStatus", "PutBucketLogging", _logging, {}),
    "OwnershipControls": (
        "OwnershipControls", "PutBucketOwnershipControls", _same, "DeleteBucketOwnershipControls",
    ),
    "PublicAccessBlockConfiguration": (
        "PublicAccessBlockConfiguration", "PutPublicAccessBlock", _same, "DeletePublicAccessBlock",
    ),
    "VersioningConfiguration": (
        "VersioningConfiguration", "PutBucketVersioning", _same, {"Status": "Suspended"},
    ),
}  # fmt: skip


def _make_bucket(context: Context, wanted: Json) -> str:
    name = str(wanted.get("BucketName") or context.name(63).lower())
    elsewhere = {} if context.region == "us-east-1" else {"LocationConstraint": context.region}
    context.call(
        "s3",
        "CreateBucket",
        Bucket=name,
        **({"CreateBucketConfiguration": elsewhere} if elsewhere else {}),
        **({"ACL": _canned(wanted["AccessControl"])} if "AccessControl" in wanted else {}),
    )
    return name


def _canned(control: str) -> str:
    """`LogDeliveryWrite` is `log-delivery-write` in the API."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in control).lstrip("-")


def _set_bucket(setting: Setting) -> None:
    bucket, wanted = setting.id, setting.wanted
    if setting.had and setting.differs("AccessControl"):
        acl = _canned(wanted.get("AccessControl", "Private"))
        setting.call("s3", "PutBucketAcl", Bucket=bucket, ACL=acl)
    for name, (parameter, put, convert, undo) in _SETTINGS.items():
        if not setting.differs(name):
            continue
        if name in wanted:
            setting.call("s3", put, Bucket=bucket, **{parameter: convert(wanted[name])})
        elif isinstance(undo, str):
            setting.call("s3", undo, Bucket=bucket)
        else:
            setting.call("s3", put, Bucket=bucket, **{parameter: undo})
    if setting.differs("Tags"):
        if tags := tag_list(wanted):
            setting.call("s3", "PutBucketTagging", Bucket=bucket, Tagging={"TagSet": tags})
        else:
            setting.call("s3", "DeleteBucketTagging", Bucket=bucket)


def _remove_bucket(context: Context, bucket: str, _had: Json) -> None:
    context.call("s3", "DeleteBucket", Bucket=bucket)


def _tell_bucket(context: Context, bucket: str, _wanted: Json) -> Json:
    suffix = "amazonaws.com.cn" if context.partition == "aws-cn" else "amazonaws.com"
    return {
        "Arn": f"arn:{context.partition}:s3:::{bucket}",
        "DomainName": f"{bucket}.s3.{suffix}",
        "RegionalDomainName": f"{bucket}.s3.{context.region}.{suffix}",
    }


def _make_policy(_context: Context, wanted: Json) -> str:
    return str(wanted["Bucket"])


def _set_policy(setting: Setting) -> None:
    text = document(setting.wanted["PolicyDocument"])
    setting.call("s3", "PutBucketPolicy", Bucket=setting.id, Policy=text)


def _remove_policy(context: Context, bucket: str, _had: Json) -> None:
    context.call("s3", "DeleteBucketPolicy", Bucket=bucket)


TYPES = {
    "AWS::S3::Bucket": ResourceType(
        properties=("AccessControl", "BucketName", "Tags", *_SETTINGS),
        fixed=("BucketName",),
        named="BucketName",
        attributes=("Arn", "DomainName", "RegionalDomainName"),
        make=_make_bucket,
        set=_set_bucket,
        remove=_remove_bucket,
        tell=_tell_bucket,
    ),
    "AWS::S3::BucketPolicy": ResourceType(
        properties=("Bucket", "PolicyDocument"),
        required=("Bucket", "PolicyDocument"),
        fixed=("Bucket",),
        make=_make_policy,
        set=_set_policy,
        remove=_remove_policy,
    ),
}
