"""ARNs and conditions that several grants share; the names in braces are filled in by the stack."""

from __future__ import annotations

from runbook.deployment import PREFIX
from runbook.iam.grants import Conditions

HERE = "arn:{partition}:%s:{region}:{account}:"
STACKS = HERE % "cloudformation" + f"stack/{PREFIX}-*/*"
FUNCTIONS = HERE % "lambda" + f"function:{PREFIX}-*"
EXECUTIONS = HERE % "ssm" + "automation-execution/*"
BUCKET = "arn:{partition}:s3:::{bucket}"
REPORTS = BUCKET + "/{runbook}/*"
THIS_REGION: Conditions = {"StringEquals": {"aws:RequestedRegion": ("{region}",)}}
OWN_BUCKET: Conditions = {"StringEquals": {"s3:ResourceAccount": ("{account}",)}}


def passed_to(service: str) -> Conditions:
    """The role may be handed to one service only."""
    return {"StringEquals": {"iam:PassedToService": (f"{service}.amazonaws.com",)}}
