"""What the roles may do, judged by tables that are not ours: policy_sentry, parliament, CloudFormation's own."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from policy_sentry.querying.actions import get_action_data

from runbook.iam.grants import Grant, policy
from runbook.iam.roles import roles, with_key

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # it forgets two open files
    import parliament

ARN = "arn:aws:iam::111122223333:role/eks-runbook-{}-us-east-1"
SCOPE = {
    "partition": ("aws",),
    "region": ("us-east-1",),
    "account": ("111122223333",),
    "suffix": ("amazonaws.com",),
    "bucket": ("eks-runbook-reports-111122223333-us-east-1",),
    "runbook": ("TroubleshootEbsCsiDriversForEks",),
    "codeBucket": ("cdk-hnb659fds-assets-111122223333-us-east-1",),
    "functionKey": ("0123.zip",),
    "key": ("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",),
    **{f"{name}Role": (ARN.format(name),) for name in roles()},
}
#: Everything that does more than read, with what it is for.
MORE_THAN_READING = {
    "automation": {
        "cloudformation:CreateStack": "the stack of the run",
        "cloudformation:DeleteStack": "its removal",
        "cloudformation:TagResource": "its tags",
        "iam:PassRole": "CloudFormation's role for it",
        "lambda:InvokeFunction": "questions to the cluster, which the function answers read-only",
        "s3:PutObject": "the report",
        "kms:Decrypt": "reading what was written, which the table counts as writing",
        "kms:GenerateDataKey": "encryption of the report",
    },
    "cloudformation": {
        "lambda:CreateFunction": "the function of the run",
        "lambda:DeleteFunction": "its removal",
        "lambda:TagResource": "its tags",
        "iam:PassRole": "the function's role",
    },
    "function": {
        "logs:CreateLogStream": "its log",
        "logs:PutLogEvents": "its log",
        "ec2:CreateNetworkInterface": "the way into the VPC",
        "ec2:DeleteNetworkInterface": "its removal",
        "ec2:AssignPrivateIpAddresses": "its addresses",
        "ec2:UnassignPrivateIpAddresses": "its addresses",
    },
    "sweeper": {"cloudformation:DeleteStack": "stacks whose execution has ended"},
    "events": {"ssm:StartAutomationExecution": "the sweeper", "iam:PassRole": "the sweeper's role"},
    "operator": {
        "ssm:StartAutomationExecution": "a runbook",
        "ssm:StopAutomationExecution": "its end",
        "iam:PassRole": "the role of the steps",
        "kms:Decrypt": "encrypted reports",
    },
}
#: Actions that are asked for on all resources though IAM knows which, with why.
ON_ALL = {
    ("sweeper", "cloudformation:DescribeStacks"): "it describes without a name",
    ("cloudformation", "ec2:GetSecurityGroupsForVpc"): "the VPC is the cluster's, which may be any",
    ("function", "ec2:AssignPrivateIpAddresses"): "as AWSLambdaVPCAccessExecutionRole",
    ("function", "ec2:CreateNetworkInterface"): "as AWSLambdaVPCAccessExecutionRole",
    ("function", "ec2:DeleteNetworkInterface"): "as AWSLambdaVPCAccessExecutionRole",
    ("function", "ec2:UnassignPrivateIpAddresses"): "as AWSLambdaVPCAccessExecutionRole",
}
#: What CloudFormation's handlers for functions may use, and ours never do.
NOT_OURS = (
    "elasticfilesystem:*", "s3files:*", "kms:*", "s3:GetObjectVersion", "lambda:GetLayerVersion",
    "lambda:GetCodeSigningConfig", "lambda:Put*", "lambda:PassCapacityProvider", "lambda:AssociateRuntimeAlias",
)  # fmt: skip

EACH_ROLE = pytest.mark.parametrize("purpose", roles())
ACTIONS = sorted({a for role in roles().values() for grant in with_key(role) for a in grant.actions})


def document(purpose: str) -> dict[str, Any]:
    return policy(with_key(roles()[purpose]), SCOPE)


def known(action: str) -> list[dict[str, Any]]:
    """policy_sentry's rows about an action: one for each type of resource."""
    service, _, name = action.partition(":")
    found = get_action_data(service, name)
    return list(found[service]) if found else []


def allowed(purpose: str) -> Iterator[tuple[str, list[str]]]:
    for statement in document(purpose)["Statement"]:
        for action in statement["Action"]:
            yield action, statement["Resource"]


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_exists_and_is_written_as_iam_writes_it(action: str) -> None:
    assert {row["action"] for row in known(action)} == {action}


@EACH_ROLE
def test_a_role_reads_apart_from_what_is_listed_with_its_reason(purpose: str) -> None:
    more = {
        action
        for action, _ in allowed(purpose)
        for row in known(action)
        if row["access_level"] not in ("Read", "List")
    }
    assert more == set(MORE_THAN_READING[purpose])


@EACH_ROLE
def test_an_action_is_granted_on_resources_of_its_types(purpose: str) -> None:
    wrong = [
        (action, resources)
        for action, resources in allowed(purpose)
        if resources != ["*"]
        and not any(fits(row, resource) for row in known(action) for resource in resources)
    ]
    assert wrong == []


@EACH_ROLE
def test_only_what_knows_no_resources_is_granted_on_all(purpose: str) -> None:
    everywhere = {action for action, resources in allowed(purpose) if resources == ["*"]}
    narrower = {
        action for action in everywhere if any(row["resource_arn_format"] != "*" for row in known(action))
    }
    assert narrower == {action for role, action in ON_ALL if role == purpose}


def fits(row: dict[str, Any], resource: str) -> bool:
    """Whether a pattern of ours names resources of a type. Our last wildcard may stand for several parts."""
    form = row["resource_arn_format"]
    for name in ("partition", "region", "account"):
        form = form.replace(f"${{{name.capitalize()}}}", SCOPE[name][0])
    expression = ".+".join(map(re.escape, re.split(r"\$\{\w+\}", form)))
    return any(re.fullmatch(expression, resource.replace("*", "/".join("x" * n))) for n in range(1, 6))


@EACH_ROLE
def test_parliament_finds_nothing_that_is_not_explained(purpose: str) -> None:
    found = parliament.analyze_policy_string(json.dumps(document(purpose))).findings
    assert [(one.issue, one.detail) for one in found if not is_explained(purpose, one)] == []


def is_explained(purpose: str, finding: Any) -> bool:
    match finding.issue:
        case "UNKNOWN_ACTION":  # newer than its table
            return bool(known(finding.detail.removeprefix("Unknown action ")))
        case "RESOURCE_STAR":
            return {(purpose, action) for action in finding.detail} <= ON_ALL.keys()
        case "UNKNOWN_CONDITION_FOR_ACTION":  # Lambda gives it to whatever a function asks of any service
            return "lambda:SourceFunctionArn" in finding.detail
    return False


@EACH_ROLE
def test_every_wildcard_has_its_reason(purpose: str) -> None:
    def is_wide(grant: Grant) -> bool:
        return any("*" in resource for resource in grant.resources)

    assert [g.sid for g in with_key(roles()[purpose]) if is_wide(g) and not g.why] == []


def test_cloudformation_may_make_and_remove_a_function_but_not_wait_for_its_network_interfaces() -> None:
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Lambda::Function").schema[
        "handlers"
    ]
    wanted = {action for name in ("create", "read", "delete") for action in handlers[name]["permissions"]}
    missing = wanted - {action for action, _ in allowed("cloudformation")}
    assert {one for one in missing if not any(fnmatchcase(one, p) for p in NOT_OURS)} == {
        "ec2:DescribeNetworkInterfaces"
    }
    # Only the deletion would use it; so the creation does not miss it.
    assert "ec2:DescribeNetworkInterfaces" in handlers["delete"]["permissions"]
    assert "ec2:DescribeNetworkInterfaces" not in handlers["create"]["permissions"]
