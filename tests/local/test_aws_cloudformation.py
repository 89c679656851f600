"""Stacks of the embedded account, created and deleted as AWS would."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import ACCOUNT, Json, ask, error, state
from tests.local.aws_stacks import (
    CODE_BUCKET,
    created,
    deleted,
    history,
    parameter,
    physical,
    role,
    settled,
    template,
    zipped,
)

FUNCTION: Json = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "FunctionName": "proxy",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/function",
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Timeout": "30",
        "Code": {"S3Bucket": CODE_BUCKET, "S3Key": "proxy.zip"},
        "Tags": [{"Key": "own", "Value": "yes"}],
    },
}
ROLE: Json = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    },
}


@pytest.fixture
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state()) as opened:
        yield opened


def _with_code(aws: EmbeddedAws) -> None:
    ask(aws, "s3", "create_bucket", Bucket=CODE_BUCKET)
    code = zipped("def handler(event, _):\n    return event\n")
    ask(aws, "s3", "put_object", Bucket=CODE_BUCKET, Key="proxy.zip", Body=code)
    role(aws, "function", "lambda.amazonaws.com")


def test_a_function_of_a_stack_answers_until_the_stack_is_deleted(aws: EmbeddedAws) -> None:
    _with_code(aws)
    stack = created(aws, "run", template({"Proxy": FUNCTION}), Tags=[{"Key": "run", "Value": "1"}])
    answer = ask(aws, "lambda", "invoke", FunctionName="proxy", Payload=b'{"a": 1}')
    tags = ask(aws, "lambda", "list_tags", Resource=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:proxy")
    gone = deleted(aws, stack["StackId"])

    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert json.loads(answer["Payload"].read()) == {"a": 1}
    assert tags == {"Tags": {"run": "1", "own": "yes"}}
    assert gone["StackStatus"] == "DELETE_COMPLETE"
    assert ask(aws, "lambda", "list_functions")["Functions"] == []


def test_creation_returns_at_once_and_tells_each_resource_s_steps(aws: EmbeddedAws) -> None:
    body = template({"Second": parameter("two", DependsOn="First"), "First": parameter()})
    ask(aws, "cloudformation", "create_stack", StackName="pair", TemplateBody=body)
    settled(aws, "pair")

    assert history(aws, "pair") == [
        ("pair", "CREATE_IN_PROGRESS", "User Initiated"),
        ("First", "CREATE_IN_PROGRESS", ""),
        ("First", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
        ("First", "CREATE_COMPLETE", ""),
        ("Second", "CREATE_IN_PROGRESS", ""),
        ("Second", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
        ("Second", "CREATE_COMPLETE", ""),
        ("pair", "CREATE_COMPLETE", ""),
    ]


def test_a_missing_code_key_rolls_back_what_was_made(aws: EmbeddedAws) -> None:
    _with_code(aws)
    ask(aws, "s3", "delete_object", Bucket=CODE_BUCKET, Key="proxy.zip")
    body = template({"Value": parameter(), "Proxy": FUNCTION | {"DependsOn": "Value"}})
    stack = created(aws, "run", body)
    (logical, status, why), back, *rest = history(aws, "run")[5:]

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert (logical, status) == ("Proxy", "CREATE_FAILED")
    assert re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", why) == (
        'Resource handler returned message: "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error'
        ' Message: The specified key does not exist. (Service: Lambda, Status Code: 400, Request ID: ID)"'
        " (RequestToken: ID, HandlerErrorCode: InvalidRequest)"
    )
    assert back == (
        "run",
        "ROLLBACK_IN_PROGRESS",
        "The following resource(s) failed to create: [Proxy]. Rollback requested by user.",
    )
    assert rest == [
        ("Value", "DELETE_IN_PROGRESS", ""),
        ("Value", "DELETE_COMPLETE", ""),
        ("run", "ROLLBACK_COMPLETE", ""),
    ]
    assert ask(aws, "ssm", "describe_parameters")["Parameters"] == []


def test_a_role_that_was_half_made_is_taken_away_whole(aws: EmbeddedAws) -> None:
    managed = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/NoSuchPolicy"]
    policies = [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}]
    given = {"RoleName": "half", "ManagedPolicyArns": managed, "Policies": policies}
    body = template({"Role": ROLE | {"Properties": ROLE["Properties"] | given}})
    stack = created(aws, "s", body, Capabilities=["CAPABILITY_NAMED_IAM"])

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert error(aws, "iam", "get_role", RoleName="half")[0] == "NoSuchEntity"


@pytest.mark.parametrize(
    ("option", "status"),
    [
        ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED"),
        ({"DisableRollback": True}, "CREATE_FAILED"),
        ({"OnFailure": "DELETE"}, "DELETE_COMPLETE"),
        ({"OnFailure": "ROLLBACK"}, "ROLLBACK_COMPLETE"),
    ],
)
def test_what_follows_a_failure_is_the_caller_s_choice(aws: EmbeddedAws, option: Json, status: str) -> None:
    body = template({"Good": parameter(), "Bad": parameter("", DependsOn="Good")})
    answer = ask(aws, "cloudformation", "create_stack", StackName="s", TemplateBody=body, **option)

    assert settled(aws, answer["StackId"])["StackStatus"] == status
    left = len(ask(aws, "ssm", "describe_parameters")["Parameters"])
    assert left == (1 if status == "CREATE_FAILED" else 0)


@pytest.mark.parametrize(
    ("given", "needed"),
    [({}, "CAPABILITY_IAM"), ({"RoleName": "mine"}, "CAPABILITY_NAMED_IAM")],
)
def test_a_role_needs_the_caller_s_consent(aws: EmbeddedAws, given: Json, needed: str) -> None:
    body = template({"Role": ROLE | {"Properties": ROLE["Properties"] | given}})
    asked = {"StackName": "s", "TemplateBody": body}

    assert error(aws, "cloudformation", "create_stack", **asked) == (
        "InsufficientCapabilitiesException",
        f"Requires capabilities : [{needed}]",
        400,
    )
    assert created(aws, "s", body, Capabilities=[needed])["StackStatus"] == "CREATE_COMPLETE"


def test_deletion_is_idempotent_and_a_deleted_stack_is_known_by_its_id_alone(aws: EmbeddedAws) -> None:
    stack = created(aws, "s", template({"Value": parameter()}))
    deleted(aws, stack["StackId"])

    for name in ("s", stack["StackId"], "never-was"):
        assert ask(aws, "cloudformation", "delete_stack", StackName=name) == {}
    assert error(aws, "cloudformation", "describe_stacks", StackName="s") == (
        "ValidationError",
        "Stack with id s does not exist",
        400,
    )
    listed = ask(aws, "cloudformation", "list_stacks", StackStatusFilter=["DELETE_COMPLETE"])
    assert [one["StackId"] for one in listed["StackSummaries"]] == [stack["StackId"]]
    assert ask(aws, "cloudformation", "list_stacks", StackStatusFilter=["CREATE_COMPLETE"]) == {
        "StackSummaries": []
    }


def test_a_bucket_that_is_not_empty_stays_with_what_it_needs(aws: EmbeddedAws) -> None:
    policy = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": []},
        },
    }
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Name"}}}
    name = parameter("full-bucket")
    bucket["Properties"] = {"BucketName": {"Fn::GetAtt": ["Name", "Value"]}}
    stack = created(aws, "s", template({"Bucket": bucket, "Policy": policy, "Name": name}))
    ask(aws, "s3", "put_object", Bucket="full-bucket", Key="k", Body=b"")
    failed = deleted(aws, "s")
    statuses = {logical: status for logical, status, _ in history(aws, "s")}
    again = deleted(aws, stack["StackId"], RetainResources=["Bucket"])

    assert (failed["StackStatus"], failed["StackStatusReason"]) == (
        "DELETE_FAILED",
        "The following resource(s) failed to delete: [Bucket]. ",
    )
    assert statuses == {
        "s": "DELETE_FAILED",
        "Bucket": "DELETE_FAILED",
        "Policy": "DELETE_COMPLETE",
        "Name": "CREATE_COMPLETE",
    }
    assert (again["StackId"], again["StackStatus"]) == (stack["StackId"], "DELETE_COMPLETE")
    assert ask(aws, "s3", "head_bucket", Bucket="full-bucket")["BucketRegion"] == "us-east-1"


def test_what_shall_be_kept_outlives_its_stack(aws: EmbeddedAws) -> None:
    stack = created(aws, "s", template({"Value": parameter(DeletionPolicy="Retain")}))
    name = physical(aws, "s", "Value")
    deleted(aws, stack["StackId"])

    assert history(aws, stack["StackId"])[-2:] == [
        ("Value", "DELETE_SKIPPED", ""),
        ("s", "DELETE_COMPLETE", ""),
    ]
    assert ask(aws, "ssm", "get_parameter", Name=name)["Parameter"]["Value"] == "one"


def test_a_stack_acts_as_the_role_it_was_once_given(aws: EmbeddedAws) -> None:
    arn = role(aws, "stacks", "cloudformation.amazonaws.com", "ssm:PutParameter", "ssm:DeleteParameter")
    body = template({"Value": parameter()})
    stack = created(aws, "s", body, RoleARN=arn)
    ask(aws, "iam", "delete_role_policy", RoleName="stacks", PolicyName="may")
    failed = deleted(aws, "s")
    reason = next(why for logical, status, why in history(aws, "s") if status == "DELETE_FAILED" and why)

    assert (stack["StackStatus"], stack["RoleARN"]) == ("CREATE_COMPLETE", arn)
    assert failed["StackStatus"] == "DELETE_FAILED"
    assert "assumed-role/stacks/AWSCloudFormation is not authorized to perform: ssm:DeleteParameter" in reason
    assert "HandlerErrorCode: AccessDenied" in reason


@pytest.mark.parametrize("service", ["lambda.amazonaws.com", None])
def test_a_role_that_cloudformation_cannot_have_is_refused(aws: EmbeddedAws, service: str | None) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/stacks"
    if service:
        role(aws, "stacks", service)
    asked = {"StackName": "s", "TemplateBody": template({"Value": parameter()}), "RoleARN": arn}

    assert error(aws, "cloudformation", "create_stack", **asked) == (
        "ValidationError",
        f"Role {arn} is invalid or cannot be assumed",
        400,
    )


def test_a_second_stack_of_a_name_is_refused_but_a_request_sent_twice_is_not(aws: EmbeddedAws) -> None:
    asked = {"StackName": "s", "TemplateBody": template({"Value": parameter()}), "ClientRequestToken": "t-1"}
    first = ask(aws, "cloudformation", "create_stack", **asked)
    second = ask(aws, "cloudformation", "create_stack", **asked)

    assert second == first
    assert error(aws, "cloudformation", "create_stack", **asked | {"ClientRequestToken": "t-2"}) == (
        "AlreadyExistsException",
        "Stack [s] already exists",
        400,
    )
    settled(aws, "s")


def test_a_protected_stack_is_not_deleted(aws: EmbeddedAws) -> None:
    created(aws, "s", template({"Value": parameter()}), EnableTerminationProtection=True)
    refused = error(aws, "cloudformation", "delete_stack", StackName="s")
    ask(
        aws, "cloudformation", "update_termination_protection",
        StackName="s", EnableTerminationProtection=False,
    )  # fmt: skip
    stack = deleted(aws, ask(aws, "cloudformation", "describe_stacks")["Stacks"][0]["StackId"])

    assert refused == (
        "ValidationError",
        "Stack [s] cannot be deleted while TerminationProtection is enabled",
        400,
    )
    assert stack["StackStatus"] == "DELETE_COMPLETE"


def test_deletion_ends_a_creation_that_is_going_on(aws: EmbeddedAws) -> None:
    values = {f"Value{n}": parameter(DependsOn=[f"Value{n - 1}"] if n else []) for n in range(30)}
    answer = ask(aws, "cloudformation", "create_stack", StackName="s", TemplateBody=template(values))
    while not ask(aws, "ssm", "describe_parameters")["Parameters"]:
        time.sleep(0.01)
    gone = deleted(aws, answer["StackId"])
    told = history(aws, answer["StackId"])

    assert gone["StackStatus"] == "DELETE_COMPLETE"
    assert ("s", "CREATE_COMPLETE", "") not in told
    assert ask(aws, "ssm", "describe_parameters")["Parameters"] == []


def test_closing_the_account_ends_what_goes_on_in_it() -> None:
    values = {f"Value{n}": parameter(DependsOn=[f"Value{n - 1}"] if n else []) for n in range(100)}
    with EmbeddedAws(state()) as aws:
        ask(aws, "cloudformation", "create_stack", StackName="s", TemplateBody=template(values))
    calls = aws.calls.count("ssm:PutParameter")
    time.sleep(0.1)

    assert aws.calls.count("ssm:PutParameter") == calls < 100


def test_a_template_can_be_fetched_from_a_bucket(aws: EmbeddedAws) -> None:
    ask(aws, "s3", "create_bucket", Bucket="templates")
    body = template({"Value": parameter()})
    ask(aws, "s3", "put_object", Bucket="templates", Key="a/b.json", Body=body.encode())
    for n, url in enumerate(
        (
            "https://s3.us-east-1.amazonaws.com/templates/a/b.json",
            "https://s3.amazonaws.com/templates/a/b.json",
            "https://templates.s3.us-east-1.amazonaws.com/a/b.json",
            f"{aws.endpoint_url}/templates/a/b.json",
        )
    ):
        ask(aws, "cloudformation", "create_stack", StackName=f"s{n}", TemplateURL=url)
        assert settled(aws, f"s{n}")["StackStatus"] == "CREATE_COMPLETE"
    missing = "https://s3.amazonaws.com/templates/none.json"
    assert error(aws, "cloudformation", "create_stack", StackName="s", TemplateURL=missing)[1].startswith(
        "S3 error: The specified key does not exist.\n"
    )
    assert error(
        aws, "cloudformation", "create_stack", StackName="s", TemplateURL="https://example.com/x"
    ) == (
        "ValidationError",
        "TemplateURL must be a supported URL.",
        400,
    )


def test_an_export_is_imported_and_cannot_go_before_its_reader(aws: EmbeddedAws) -> None:
    output = {"Out": {"Value": {"Fn::GetAtt": ["Value", "Value"]}, "Export": {"Name": "shared"}}}
    created(aws, "giver", template({"Value": parameter("gift")}, Outputs=output))
    taker = created(aws, "taker", template({"Value": parameter({"Fn::ImportValue": "shared"})}))
    name = physical(aws, "taker", "Value")

    assert taker["StackStatus"] == "CREATE_COMPLETE"
    assert ask(aws, "ssm", "get_parameter", Name=name)["Parameter"]["Value"] == "gift"
    assert ask(aws, "cloudformation", "list_exports")["Exports"][0]["Name"] == "shared"
    assert error(aws, "cloudformation", "delete_stack", StackName="giver") == (
        "ValidationError",
        "Export shared cannot be deleted as it is in use by taker",
        400,
    )
