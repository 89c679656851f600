"""From operations, as botocore names them, to the actions that IAM asks for."""

from __future__ import annotations

from collections.abc import Iterable

#: The exceptions to "the operation is the action".
#: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
_OTHERWISE = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjectsV2": "s3:ListBucket",
}


def action(call: str) -> str:
    """The IAM action of one operation."""
    return _OTHERWISE.get(call, call)


def iam_actions(calls: Iterable[str]) -> tuple[str, ...]:
    """The IAM actions behind the AWS calls among `calls`, sorted."""
    return tuple(sorted({action(call) for call in calls if not call.startswith("k8s:")}))
