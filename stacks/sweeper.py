"""When the sweeper runs: every hour, and whenever one of our runbooks' executions ends."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from runbook.deployed.execution import ENDED
from runbook.deployment import PREFIX, SWEEPER
from runbook.documents import documents
from stacks.acknowledged import acknowledge

_HERE = f"{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
#: By name, because the events role must know the rules before they are there.
RULES = f"arn:{cdk.Aws.PARTITION}:events:{_HERE}:rule/{PREFIX}-sweep-*"
_DEFINITION = f"arn:{cdk.Aws.PARTITION}:ssm:{_HERE}:automation-definition/{SWEEPER}"
_AN_HOUR = 3600


def start_sweeper(
    scope: Construct, *, document: cdk.CfnResource, events_role: str, sweeper_role: str
) -> None:
    """Two rules, and a queue for the starts that failed."""
    queue = sqs.Queue(
        scope,
        "FailedSweeps",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=cdk.Duration.days(14),
    )
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sqs:SendMessage"],
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            resources=[queue.queue_arn],
            conditions={"ArnLike": {"aws:SourceArn": RULES}},
        )
    )
    acknowledge(queue, "SQS3", "It is the dead-letter queue, of the rules' targets.")
    target = events.CfnRule.TargetProperty(
        id="sweeper",
        arn=_DEFINITION,
        role_arn=events_role,
        # Without an input the whole event would be taken for the document's parameters.
        input=cdk.Fn.join("", ['{"AutomationAssumeRole":["', sweeper_role, '"]}']),
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=queue.queue_arn),
        retry_policy=events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=_AN_HOUR, maximum_retry_attempts=10
        ),
    )
    hourly = events.CfnRule(
        scope,
        "SweepHourly",
        name=f"{PREFIX}-sweep-hourly",
        description=f"Starts {SWEEPER}, for stacks whose execution ended without a word.",
        schedule_expression="rate(1 hour)",
        targets=[target],
    )
    after = events.CfnRule(
        scope,
        "SweepAfterRun",
        name=f"{PREFIX}-sweep-after-run",
        description=f"Starts {SWEEPER} when an execution of a runbook has ended.",
        event_pattern={
            "source": ["aws.ssm"],
            "detail-type": ["EC2 Automation Execution Status-change Notification"],
            # Not the sweeper's own end: it would start itself for ever.
            "detail": {"Definition": [one.name for one in documents()], "Status": sorted(ENDED)},
        },
        targets=[target],
    )
    for rule in (hourly, after):
        rule.add_resource_dependency(document)
