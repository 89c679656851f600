"""What a role may do in the embedded account: what its policies say, and not one call more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runbook.local.aws import EmbeddedAws, Fault, principals
from tests.local.aws_account import ACCOUNT, ask, client, state

ROLE = f"arn:aws:iam::{ACCOUNT}:role/steps"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/steps/run"
PASSED = f"arn:aws:iam::{ACCOUNT}:role/passed"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}
HERE = f"us-east-1:{ACCOUNT}"
STACK = {"StackName": "eks-runbook-1", "TemplateBody": "{}"}
FUNCTION = {"FunctionName": "eks-runbook-1", "Code": {"ZipFile": b""}, "Role": PASSED}
START = {"DocumentName": "Sweep"}
CODES = {
    "cloudformation": "AccessDenied", "ec2": "UnauthorizedOperation", "iam": "AccessDenied", "s3": "AccessDenied",
}  # fmt: skip
STARTED = [
    f"arn:aws:ssm:{HERE}:automation-definition/Sweep:*",
    f"arn:aws:ssm:{HERE}:document/Sweep",
    f"arn:aws:ssm:{HERE}:automation-execution/*",
]


def allow(*actions: str, resource: Any = "*", **conditions: Any) -> Any:
    condition = {"Condition": conditions} if conditions else {}
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **condition}


def policy(*statements: Any) -> Any:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture(scope="module")
def opened() -> Iterator[EmbeddedAws]:
    account = state() | {"buckets": {"reports": {}}}
    account["roles"] = {**account["roles"], "steps": {"AssumeRolePolicyDocument": TRUST}}
    with EmbeddedAws(account) as embedded:
        yield embedded


@pytest.fixture
def aws(opened: EmbeddedAws) -> Iterator[EmbeddedAws]:
    yield opened
    opened.faults.clear()


def granted(aws: EmbeddedAws, *statements: Any) -> None:
    text = json.dumps(policy(*statements))
    ask(aws, "iam", "put_role_policy", RoleName="steps", PolicyName="own", PolicyDocument=text)


def outcome(aws: EmbeddedAws, service: str, operation: str, parameters: Any) -> tuple[str, str]:
    """Code and words of the error with which the role's call ends; empty where there is none."""
    acting = principals.client(aws.account, service, role=ROLE, session="run")
    try:
        getattr(acting, operation)(**parameters)
    except ClientError as error:
        found = error.response["Error"]
        return found["Code"], found["Message"]
    return "", ""


def refused(action: str, resource: str) -> str:
    reason = f"because no identity-based policy allows the {action} action"
    return f"User: {SESSION} is not authorized to perform: {action} on resource: {resource} {reason}"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "resource"),
    [
        ("eks", "describe_cluster", {"name": "shop"}, "eks:DescribeCluster", f"arn:aws:eks:{HERE}:cluster/shop"),
        (
            "eks",
            "describe_addon",
            {"clusterName": "shop", "addonName": "aws-ebs-csi-driver"},
            "eks:DescribeAddon",
            f"arn:aws:eks:{HERE}:addon/shop/*",
        ),
        (
            "eks",
            "list_associated_access_policies",
            {"clusterName": "shop", "principalArn": PASSED},
            "eks:ListAssociatedAccessPolicies",
            f"arn:aws:eks:{HERE}:access-entry/shop/role/{ACCOUNT}/passed/*",
        ),
        ("ec2", "describe_volumes", {}, "ec2:DescribeVolumes", "*"),
        ("iam", "get_role", {"RoleName": "shop-node"}, "iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/shop-node"),
        (
            "iam",
            "list_open_id_connect_providers",
            {},
            "iam:ListOpenIDConnectProviders",
            f"arn:aws:iam::{ACCOUNT}:oidc-provider/*",
        ),
        ("s3", "head_bucket", {"Bucket": "reports"}, "s3:ListBucket", "arn:aws:s3:::reports"),
        ("s3", "put_object", {"Bucket": "reports", "Key": "a/b", "Body": b""}, "s3:PutObject", "arn:aws:s3:::reports/a/*"),
        (
            "s3",
            "delete_objects",
            {"Bucket": "reports", "Delete": {"Objects": [{"Key": "a/b"}]}},
            "s3:DeleteObject",
            "arn:aws:s3:::reports/a/b",
        ),
        (
            "logs",
            "create_log_stream",
            {"logGroupName": "/g", "logStreamName": "s"},
            "logs:CreateLogStream",
            f"arn:aws:logs:{HERE}:log-group:/g:log-stream:*",
        ),
        ("logs", "create_log_group", {"logGroupName": "/g"}, "logs:CreateLogGroup", f"arn:aws:logs:{HERE}:log-group:/g:*"),
        ("ssm", "describe_document", {"Name": "Sweep"}, "ssm:DescribeDocument", f"arn:aws:ssm:{HERE}:document/Sweep"),
        (
            "ssm",
            "get_automation_execution",
            {"AutomationExecutionId": "12345678-1234-1234-1234-123456789012"},
            "ssm:GetAutomationExecution",
            f"arn:aws:ssm:{HERE}:automation-execution/12345678-1234-1234-1234-123456789012",
        ),
        (
            "lambda",
            "invoke",
            {"FunctionName": "eks-runbook-1"},
            "lambda:InvokeFunction",
            f"arn:aws:lambda:{HERE}:function:eks-runbook-*",
        ),
        (
            "cloudformation",
            "describe_stacks",
            {"StackName": "eks-runbook-1"},
            "cloudformation:DescribeStacks",
            f"arn:aws:cloudformation:{HERE}:stack/eks-runbook-*",
        ),
        ("events", "list_targets_by_rule", {"Rule": "r"}, "events:ListTargetsByRule", f"arn:aws:events:{HERE}:rule/r"),
        ("sqs", "send_message", {"QueueUrl": "http://q/1/dead", "MessageBody": "m"}, "sqs:SendMessage", f"arn:aws:sqs:{HERE}:dead"),
    ],
)  # fmt: skip
def test_a_call_needs_its_action_on_its_resource(
    aws: EmbeddedAws, service: str, operation: str, parameters: Any, action: str, resource: str
) -> None:
    granted(aws, allow(action, resource=resource))
    assert "not authorized" not in outcome(aws, service, operation, parameters)[1]
    for elsewhere in (allow(action, resource="arn:aws:other:::x"), allow("sts:*", resource=resource)):
        granted(aws, elsewhere)
        code, _ = outcome(aws, service, operation, parameters)
        # An answer to HEAD has no body, so no code.
        assert code == ("403" if operation == "head_bucket" else CODES.get(service, "AccessDeniedException"))


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "resource", "code"),
    [
        ("iam", "get_role", {"RoleName": "shop-node"}, "iam:GetRole", "role shop-node", "AccessDenied"),
        (
            "ssm",
            "describe_document",
            {"Name": "Sweep"},
            "ssm:DescribeDocument",
            f"arn:aws:ssm:{HERE}:document/Sweep",
            "AccessDeniedException",
        ),
        (
            "s3",
            "put_object",
            {"Bucket": "reports", "Key": "a", "Body": b""},
            "s3:PutObject",
            '"arn:aws:s3:::reports/a"',
            "AccessDenied",
        ),
    ],
)
def test_a_refusal_names_the_session(
    aws: EmbeddedAws, service: str, operation: str, parameters: Any, action: str, resource: str, code: str
) -> None:
    granted(aws, allow("sts:*"))
    assert outcome(aws, service, operation, parameters) == (code, refused(action, resource))


def test_a_deny_and_a_boundary_are_told_as_such(aws: EmbeddedAws) -> None:
    granted(aws, allow("ssm:*"), {"Effect": "Deny", "Action": "ssm:List*", "Resource": "*"})
    _, words = outcome(aws, "ssm", "list_documents", {})
    assert words == (
        f"User: {SESSION} is not authorized to perform: ssm:ListDocuments on resource: * with an explicit deny"
        " in an identity-based policy"
    )
    bound = ask(
        aws, "iam", "create_policy", PolicyName="bound", PolicyDocument=json.dumps(policy(allow("s3:*")))
    )["Policy"]["Arn"]
    ask(aws, "iam", "put_role_permissions_boundary", RoleName="steps", PermissionsBoundary=bound)
    try:
        _, words = outcome(aws, "ssm", "describe_document", {"Name": "Sweep"})
    finally:
        ask(aws, "iam", "delete_role_permissions_boundary", RoleName="steps")
    assert words.endswith("because no permissions boundary allows the ssm:DescribeDocument action")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "resource", "to"),
    [
        (
            "cloudformation",
            "create_stack",
            STACK | {"RoleARN": PASSED, "Tags": [{"Key": "eks-runbook:execution", "Value": "1"}]},
            ("cloudformation:CreateStack", "cloudformation:TagResource"),
            f"arn:aws:cloudformation:{HERE}:stack/eks-runbook-1/*",
            "cloudformation.amazonaws.com",
        ),
        (
            "lambda",
            "create_function",
            FUNCTION,
            ("lambda:CreateFunction",),
            f"arn:aws:lambda:{HERE}:function:eks-runbook-1",
            "lambda.amazonaws.com",
        ),
        (
            "ssm",
            "start_automation_execution",
            START | {"Parameters": {"AutomationAssumeRole": [PASSED]}},
            ("ssm:StartAutomationExecution",),
            STARTED,
            "ssm.amazonaws.com",
        ),
    ],
)
def test_a_role_is_passed_on_only_where_that_is_allowed(
    aws: EmbeddedAws, service: str, operation: str, parameters: Any, action: Any, resource: Any, to: str
) -> None:
    own = allow(*action, resource=resource)
    for wrong in (
        own,
        allow("iam:PassRole", StringEquals={"iam:PassedToService": "ec2.amazonaws.com"}),
        allow("iam:PassRole", resource=ROLE),
    ):
        granted(aws, own, wrong)
        code, words = outcome(aws, service, operation, parameters)
        assert code == CODES.get(service, "AccessDeniedException")
        assert words == refused("iam:PassRole", PASSED)
    granted(aws, own, allow("iam:PassRole", resource=PASSED, StringEquals={"iam:PassedToService": to}))
    assert "not authorized" not in outcome(aws, service, operation, parameters)[1]


def test_a_stack_is_made_only_with_the_role_and_the_tag_that_the_policy_asks_for(aws: EmbeddedAws) -> None:
    conditions = {
        "StringEquals": {"cloudformation:RoleArn": PASSED},
        "Null": {"aws:RequestTag/eks-runbook:execution": "false"},
    }
    granted(
        aws,
        allow("cloudformation:CreateStack", **conditions),
        allow("cloudformation:TagResource", "iam:PassRole"),
    )
    tagged = {"Tags": [{"Key": "eks-runbook:execution", "Value": "1"}]}
    words = refused("cloudformation:CreateStack", f"arn:aws:cloudformation:{HERE}:stack/eks-runbook-1/*")
    for wrong in (STACK, STACK | tagged, STACK | {"RoleARN": PASSED}, STACK | tagged | {"RoleARN": ROLE}):
        assert outcome(aws, "cloudformation", "create_stack", wrong) == ("AccessDenied", words)
    right = STACK | tagged | {"RoleARN": PASSED}
    assert "not authorized" not in outcome(aws, "cloudformation", "create_stack", right)[1]


def test_stacks_are_deleted_only_with_the_tag_that_the_policy_asks_for(aws: EmbeddedAws) -> None:
    topic = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}}
    for name, tags in (("ours", [{"Key": "eks-runbook:execution", "Value": "1"}]), ("theirs", [])):
        ask(aws, "cloudformation", "create_stack", StackName=name, TemplateBody=json.dumps(topic), Tags=tags)
        client(aws, "cloudformation").get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
    granted(
        aws,
        allow("cloudformation:DeleteStack", Null={"aws:ResourceTag/eks-runbook:execution": "false"}),
        allow("logs:*"),
    )
    words = refused("cloudformation:DeleteStack", f"arn:aws:cloudformation:{HERE}:stack/theirs/*")
    assert outcome(aws, "cloudformation", "delete_stack", {"StackName": "theirs"}) == ("AccessDenied", words)
    assert outcome(aws, "cloudformation", "delete_stack", {"StackName": "ours"}) == ("", "")


def test_every_way_to_name_an_execution_must_be_allowed(aws: EmbeddedAws) -> None:
    for left_out in STARTED:
        granted(
            aws, allow("ssm:StartAutomationExecution", resource=[one for one in STARTED if one != left_out])
        )
        assert outcome(aws, "ssm", "start_automation_execution", START)[0] == "AccessDeniedException"
    granted(aws, allow("ssm:StartAutomationExecution", resource=STARTED))
    assert outcome(aws, "ssm", "start_automation_execution", START)[0] != "AccessDeniedException"


def test_the_user_is_not_judged_and_a_caller_may_always_ask_who_it_is(aws: EmbeddedAws) -> None:
    granted(aws, {"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert ask(aws, "eks", "list_clusters") == {"clusters": ["shop"]}
    assert outcome(aws, "sts", "get_caller_identity", {}) == ("", "")


def test_a_session_of_a_role_that_is_gone_is_worth_nothing(aws: EmbeddedAws) -> None:
    acting = principals.client(aws.account, "iam", role=f"{ROLE}-gone", session="run")
    with pytest.raises(ClientError) as refusal:
        acting.list_roles()
    assert refusal.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_a_fault_names_the_role_that_it_strikes(aws: EmbeddedAws) -> None:
    aws.faults["ssm:ListDocuments"] = Fault(kind="refused")
    assert outcome(aws, "ssm", "list_documents", {})[1] == refused("ssm:ListDocuments", "*")
