"""Who may write into the report's bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runbook.commands import command, document
from runbook.deployment import bucket_name, is_ours
from runbook.evidence.deployment.bucket import Writing
from runbook.model import Deployment, Fix, Problem, Resource
from runbook.registry import check


@check(
    severity="high",
    kind="obstacle",
    about="Bucket",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html",
)
def bucket_writable(report_writing: Writing, deployment: Deployment) -> Iterator[Problem]:
    """The run's role may write the report into its bucket.

    A deployment's role may write into the deployment's own bucket, and into those that were named when it
    was deployed. Any other bucket refuses the report at the end of the run, however private it is.
    """
    if report_writing.decision == "allowed":
        return
    name, bucket = report_writing.role.name, deployment.bucket
    if report_writing.decision == "ruled out":
        summary = (
            f"role {name}, with which the run works, is forbidden to write the report into bucket {bucket} "
            "(s3:PutObject): an explicit Deny, a permissions boundary or the organization rules it out"
        )
    else:
        summary = (
            f"role {name}, with which the run works, may not write the report into bucket {bucket}: it lacks "
            "s3:PutObject there"
        )
    yield Problem(
        resource=Resource(kind="Bucket", name=bucket),
        summary=summary,
        fix=fix(report_writing, deployment),
    )


def fix(writing: Writing, deployment: Deployment) -> tuple[Fix, ...]:
    """Another bucket, or the permission for this one."""
    verify = _ask(writing, deployment)
    if writing.decision == "ruled out":
        look = command("aws", "iam", "get-role", "--role-name", writing.role.name)
        text = "Ask whoever keeps these rules; a permissions boundary of the role shows here"
        return (Fix(text=text, command=look), verify)
    if not is_ours(writing.role.arn):
        return (_allow(writing, deployment), verify)
    again = command("make", "deploy", f"REGION={deployment.region}")
    if deployment.bucket == bucket_name(deployment.account, deployment.region):
        return (Fix(text="The permission comes with the deployment: deploy it again", command=again), verify)
    return (
        Fix(text="Start without S3BucketName, so that the report goes to the deployment's own bucket"),
        Fix(
            text=f'Or add "{deployment.bucket}" to "reportBuckets" in cdk.json, deploy again, and start with '
            "S3BucketName as before",
            command=again,
        ),
        replace(verify, text=f"{verify.text}, if the report is still to go to {deployment.bucket}"),
    )


def _allow(writing: Writing, deployment: Deployment) -> Fix:
    allow, owned = {"Effect": "Allow"}, {"StringEquals": {"s3:ResourceAccount": deployment.account}}
    bucket, _, prefix = writing.objects.partition("/")
    keep = {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": [writing.objects], "Condition": owned}
    listed = {**owned, "StringLike": {"s3:prefix": prefix}}
    find = {"Action": ["s3:ListBucket"], "Resource": [bucket], "Condition": listed}
    policy = {"Version": "2012-10-17", "Statement": [allow | keep, allow | find]}
    return Fix(
        text="Let the role keep reports there, and find again what its earlier steps wrote",
        command=command(
            "aws", "iam", "put-role-policy", "--role-name", writing.role.name,
            "--policy-name", f"reports-{deployment.bucket}", "--policy-document", document(policy),
        ),
    )  # fmt: skip


def _ask(writing: Writing, deployment: Deployment) -> Fix:
    return Fix(
        text="It worked when this says allowed",
        command=command(
            "aws", "iam", "simulate-principal-policy", "--policy-source-arn", writing.role.arn,
            "--action-names", "s3:PutObject", "--resource-arns", writing.objects, "--context-entries",
            f"ContextKeyName=s3:ResourceAccount,ContextKeyValues={deployment.account},ContextKeyType=string",
            "--query", "EvaluationResults[0].EvalDecision", "--output", "text",
        ),
        verifies=True,
    )  # fmt: skip
