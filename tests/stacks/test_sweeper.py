"""When the sweeper is started, and where a start goes that failed."""

from __future__ import annotations

from typing import Any

from tests.stacks.plain import of_type

Resources = dict[str, dict[str, Any]]
ROLE = "arn:aws:iam::111122223333:role/eks-runbook-{}-us-east-1"


def queue_name(resources: Resources) -> str:
    [name] = [name for name, one in resources.items() if one["Type"] == "AWS::SQS::Queue"]
    return name


def test_it_runs_every_hour_and_after_our_runbooks_but_never_after_itself(resources: Resources) -> None:
    rules = {one["Name"]: one for one in of_type(resources, "AWS::Events::Rule")}
    assert rules["eks-runbook-sweep-hourly"]["ScheduleExpression"] == "rate(1 hour)"
    assert rules["eks-runbook-sweep-after-run"]["EventPattern"] == {
        "source": ["aws.ssm"],
        "detail-type": ["EC2 Automation Execution Status-change Notification"],
        "detail": {
            "Definition": ["TroubleshootEbsCsiDriversForEks"],
            "Status": [
                "Cancelled",
                "CompletedWithFailure",
                "CompletedWithSuccess",
                "Exited",
                "Failed",
                "Rejected",
                "Success",
                "TimedOut",
            ],
        },
    }
    assert len(rules) == 2


def test_both_rules_start_it_with_its_own_role_and_keep_what_failed(resources: Resources) -> None:
    arn = "arn:aws:ssm:us-east-1:111122223333:automation-definition/SweepEksRunbookStacks"
    rules = of_type(resources, "AWS::Events::Rule")
    assert rules
    for rule in rules:
        assert rule["Targets"] == [
            {
                "Id": "sweeper",
                "Arn": arn,
                "RoleArn": ROLE.format("events"),
                "Input": f'{{"AutomationAssumeRole":["{ROLE.format("sweeper")}"]}}',
                "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:111122223333:{queue_name(resources)}"},
                "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10},
            }
        ]


def test_only_our_rules_may_fill_the_queue(resources: Resources) -> None:
    [policy] = of_type(resources, "AWS::SQS::QueuePolicy")
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert allowed == [
        {
            "Action": "sqs:SendMessage",
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/eks-runbook-sweep-*"}
            },
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Resource": f"arn:aws:sqs:us-east-1:111122223333:{queue_name(resources)}",
        }
    ]
