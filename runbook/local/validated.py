"""The beginning of a deployed run, without the deployment: what ValidateTarget asks, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.deployment import bucket_name, role_name
from runbook.documents import documents
from runbook.engine import Engine, Sources
from runbook.iam.grants import policy
from runbook.iam.steps import KEEP_REPORTS
from runbook.local.account import ACCOUNT, AUTOMATION_ROLE, REGION, role_arn
from runbook.local.embedded import Embedded
from runbook.local.scenarios import Scenario
from runbook.local.world import World
from runbook.model import Deployment
from runbook.ports.aws import BotoSource
from runbook.recording import Header, Recording
from runbook.registry import load
from runbook.run import VALIDATION, Clock

EXECUTION = "5f1c2d3e-0a1b-4c2d-8e3f-a1b2c3d4e5f6"
CLOUDFORMATION_ROLE = role_arn(role_name("cloudformation", REGION))
FUNCTION_ROLE = role_arn(role_name("function", REGION))
BUCKET = bucket_name(ACCOUNT, REGION)
_PRIVATE = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def install(world: World) -> None:
    """Add to an account the roles and the bucket that the deployment's stack would bring."""
    automation = passing(CLOUDFORMATION_ROLE, "cloudformation.amazonaws.com")
    roles = {
        AUTOMATION_ROLE: role("ssm.amazonaws.com", pass_on=automation, keep_reports=_keeping_reports()),
        CLOUDFORMATION_ROLE: role(
            "cloudformation.amazonaws.com", pass_on=passing(FUNCTION_ROLE, "lambda.amazonaws.com")
        ),
        FUNCTION_ROLE: role("lambda.amazonaws.com"),
    }
    world.aws["roles"] |= {arn.rpartition("/")[2]: body for arn, body in roles.items()}
    private = {"PublicAccessBlock": dict.fromkeys(_PRIVATE, True)}
    world.aws["buckets"] = {BUCKET: private, **world.aws.get("buckets", {})}


def role(service: str, **policies: dict[str, Any]) -> dict[str, Any]:
    """A role for a service, with policies by their names."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {
        "Path": "/",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "AttachedPolicies": [],
        "InlinePolicies": policies,
    }


def passing(role: str, service: str) -> dict[str, Any]:
    """A policy that lets hand one role to one service."""
    statement = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": role,
        "Condition": {"StringEquals": {"iam:PassedToService": service}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _keeping_reports() -> dict[str, Any]:
    """The policy by which a run keeps its report in the deployment's own bucket, and in no other."""
    scope = {"partition": ("aws",), "account": (ACCOUNT,), "bucket": (BUCKET,)}
    names = tuple(document.name for document in documents())
    return policy([KEEP_REPORTS], {**scope, "runbook": names})


async def validated(scenario: Scenario, servers: Embedded, clock: Clock) -> Recording:
    """The recording of what a deployed run asks before it deploys anything."""
    document = scenario.document
    defaults = {parameter.name: parameter.default or "" for parameter in document.parameters}
    given = {**defaults, **scenario.given}
    header = Header(
        runbook=document.name,
        parameters=given,
        cluster={"name": given["EksClusterName"], "region": REGION},
        now=clock(),
        deployment=Deployment(
            document=document.name,
            execution=EXECUTION,
            region=REGION,
            account=ACCOUNT,
            partition="aws",
            automation_role=given["AutomationAssumeRole"] or AUTOMATION_ROLE,
            cloudformation_role=CLOUDFORMATION_ROLE,
            function_role=given["LambdaRoleArn"] or FUNCTION_ROLE,
            bucket=given["S3BucketName"] or BUCKET,
        ),
    )
    recording = Recording(header=header)
    source = BotoSource(servers.session, endpoint_url=servers.aws.endpoint_url)
    registry = load()
    engine = Engine(registry, recording, Sources(aws=source))
    await engine.judge(registry.family(VALIDATION))
    await engine.known("proxy_network")
    recording.header = replace(header, finished=clock())
    return recording
