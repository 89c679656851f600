"""The types of resources that the embedded CloudFormation knows."""

from __future__ import annotations

from runbook.local.aws.cloudformation.types import (
    access,
    ecr,
    events,
    functions,
    iam,
    kms,
    logs,
    queues,
    s3,
    ssm,
)
from runbook.local.aws.cloudformation.types.base import ResourceType

#: With CDK's own type, which records that the CDK was used, and is nothing.
TYPES: dict[str, ResourceType] = {
    **access.TYPES,
    **ecr.TYPES,
    **events.TYPES,
    **functions.TYPES,
    **iam.TYPES,
    **kms.TYPES,
    **logs.TYPES,
    **queues.TYPES,
    **s3.TYPES,
    **ssm.TYPES,
    "AWS::CDK::Metadata": ResourceType(
        properties=("Analytics",),
        make=lambda context, _wanted: context.name(),
        remove=lambda _context, _id, _had: None,
    ),
}
