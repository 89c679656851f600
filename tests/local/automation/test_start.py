"""What an execution is started with: parameters, role, token, tags."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.local.automation.parameters import completed
from runbook.local.aws import AwsError
from tests.local.automation.runs import ROLE, Json, account, api, begin, create, document, ended, run
from tests.local.aws_account import DRIVER_ARN, ask, error

START = "start_automation_execution"
INVALID = "InvalidAutomationExecutionParametersException"
ROLE_PATTERN = "^arn:(aws|aws-cn|aws-us-gov|aws-iso|aws-iso-b):iam::[0-9]{12}:role/.*$"
BUCKET_PATTERN = r"^[0-9a-z][a-z0-9\-\.]{3,63}$"


def text(**more: Any) -> Json:
    return {"P": {"type": "String", **more}}


@pytest.mark.parametrize(
    ("declared", "given", "expected"),
    [
        (text(), {"P": ["a"]}, "a"),
        (text(default=""), {}, ""),
        ({"P": {"type": "AWS::IAM::Role::Arn", "default": ""}}, {}, ""),
        ({"P": {"type": "AWS::IAM::Role::Arn"}}, {"P": [ROLE]}, ROLE),
        ({"P": {"type": "AWS::S3::Bucket::Name"}}, {"P": ["my-bucket"]}, "my-bucket"),
        ({"P": {"type": "List<AWS::S3::Bucket::Name>"}}, {"P": ["one-bucket", "two-bucket"]}, ["one-bucket", "two-bucket"]),
        ({"P": {"type": "StringList"}}, {"P": ["a", "b"]}, ["a", "b"]),
        ({"P": {"type": "Integer"}}, {"P": ["-3"]}, -3),
        ({"P": {"type": "Boolean"}}, {"P": ["true"]}, True),
        ({"P": {"type": "StringMap"}}, {"P": ['{"a": 1}']}, {"a": 1}),
        ({"P": {"type": "MapList"}}, {"P": ['{"a": 1}', '{"b": 2}']}, [{"a": 1}, {"b": 2}]),
        (text(allowedPattern="[a-z]+"), {"P": ["abc"]}, "abc"),
        (text(allowedValues=["x", "y"]), {"P": ["y"]}, "y"),
        (text(), {"P": ["a" * 512]}, "a" * 512),
    ],
)  # fmt: skip
def test_parameters_have_the_type_that_was_declared(declared: Json, given: Json, expected: Any) -> None:
    assert completed(declared, given) == {"P": expected}


@pytest.mark.parametrize(
    ("declared", "given", "words"),
    [
        (text(), {}, "Missing required parameter: P in user inputs."),
        ({}, {"P": ["a"]}, "Unknown parameter: P in user inputs."),
        (text(), {"P": ["a", "b"]}, 'Parameter "P" is not a valid String: 2 values were given, one is expected.'),
        (text(), {"P": [""]}, 'Parameter "P" must have values of 1 to 512 characters.'),
        (text(), {"P": ["a" * 513]}, 'Parameter "P" must have values of 1 to 512 characters.'),
        (text(allowedPattern="[a-z]+"), {"P": ["abc1"]}, 'Parameter "P" has value "abc1" not matching pattern "[a-z]+".'),
        (text(allowedValues=["x", "y"]), {"P": ["z"]}, 'Parameter "P" has value "z" not found in [x, y].'),
        (text(minChars=3), {"P": ["ab"]}, 'Parameter "P" must have 3 to 512 characters.'),
        (text(maxChars=3), {"P": ["abcd"]}, 'Parameter "P" must have 0 to 3 characters.'),
        ({"P": {"type": "StringList", "maxItems": 1}}, {"P": ["a", "b"]}, 'Parameter "P" has 2 items, more than 1.'),
        ({"P": {"type": "StringList", "minItems": 2}}, {"P": ["a"]}, 'Parameter "P" has 1 items, fewer than 2.'),
        ({"P": {"type": "Integer"}}, {"P": ["x"]}, 'Parameter "P" is not a valid Integer: Parameter "P" is of type str, which is no Integer.'),
        ({"P": {"type": "StringMap"}}, {"P": ["x"]}, 'Parameter "P" is not a valid StringMap: Expecting value: line 1 column 1 (char 0).'),
        ({"P": {"type": "AWS::IAM::Role::Arn"}}, {"P": ["x"]}, f'Parameter "P" has value "x" not matching pattern "{ROLE_PATTERN}".'),
        ({"P": {"type": "AWS::S3::Bucket::Name"}}, {"P": ["UP"]}, f'Parameter "P" has value "UP" not matching pattern "{BUCKET_PATTERN}".'),
        ({"P": {"type": "List<AWS::S3::Bucket::Name>"}}, {"P": ["good-one", "UP"]}, f'Parameter "P" has value "UP" not matching pattern "{BUCKET_PATTERN}".'),
    ],
)  # fmt: skip
def test_parameters_that_do_not_fit_are_refused(declared: Json, given: Json, words: str) -> None:
    with pytest.raises(AwsError) as refused:
        completed(declared, given)
    assert (refused.value.code, refused.value.message) == (INVALID, words)


def test_defaults_from_parameter_store_are_not_embedded() -> None:
    with pytest.raises(AwsError) as refused:
        completed(text(default="{{ ssm:name }}"), {})
    assert refused.value.message == "Parameter Store (the default of P) is not part of the embedded account."


def test_what_it_was_started_with_is_shown() -> None:
    content = document(
        api("One"),
        parameters={
            "A": {"type": "String"},
            "B": {"type": "StringList", "default": ["x", "y"]},
            "C": {"type": "Integer", "default": 3},
        },
    )
    with account() as aws:
        record = run(aws, content, A=["a"])

    assert record["Parameters"] == {"A": ["a"], "B": ["x", "y"], "C": ["3"]}
    assert record["ExecutedBy"] == "arn:aws:iam::111122223333:user/on-call"
    assert (record["DocumentName"], record["DocumentVersion"], record["Mode"]) == ("Test", "1", "Auto")


def test_a_document_may_be_named_by_its_arn() -> None:
    with account() as aws:
        create(aws, document(api("One")))
        arn = "arn:aws:ssm:us-east-1:111122223333:document/Test"
        assert ended(aws, begin(aws, arn))["DocumentName"] == "Test"


def test_a_document_that_does_not_exist() -> None:
    with account() as aws:
        assert error(aws, "ssm", START, DocumentName="Nope") == (
            "AutomationDefinitionNotFoundException",
            "An Automation runbook with the specified name couldn't be found.",
            400,
        )


@pytest.mark.parametrize(
    "role",
    [
        pytest.param("arn:aws:iam::111122223333:role/gone", id="absent"),
        pytest.param(DRIVER_ARN, id="not trusting SSM"),
    ],
)
def test_a_role_that_cannot_be_assumed_starts_nothing(role: str) -> None:
    content = document(
        api("One"), assumeRole="{{ Role }}", parameters={"Role": {"type": "AWS::IAM::Role::Arn"}}
    )
    with account() as aws:
        create(aws, content)
        assert error(aws, "ssm", START, DocumentName="Test", Parameters={"Role": [role]})[:2] == (
            INVALID, "The defined assume role is unable to be assumed.",
        )  # fmt: skip
        assert ask(aws, "ssm", "describe_automation_executions")["AutomationExecutionMetadataList"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"Targets": [{"Key": "ParameterValues", "Values": ["a"]}], "TargetParameterName": "P"},
        {"TargetParameterName": "P"},
        {"TargetMaps": [{"P": ["a"]}]},
        {"MaxConcurrency": "1"},
        {"MaxErrors": "1"},
        {"TargetLocations": [{"Accounts": ["111122223333"], "Regions": ["us-east-1"]}]},
        {"AlarmConfiguration": {"Alarms": [{"Name": "a"}]}},
    ],
)
def test_rate_control_is_not_embedded(more: Json) -> None:
    with account() as aws:
        create(aws, document(api("One")))
        assert error(aws, "ssm", START, DocumentName="Test", **more) == (
            "NotEmbedded",
            f"{next(iter(more))} of ssm:StartAutomationExecution is not part of the embedded account.",
            501,
        )


def test_interactive_mode_is_not_embedded() -> None:
    with account() as aws:
        create(aws, document(api("One")))
        assert error(aws, "ssm", START, DocumentName="Test", Mode="Interactive")[:2] == (
            "NotEmbedded",
            "The mode Interactive of ssm:StartAutomationExecution is not part of the embedded account.",
        )


def test_a_token_starts_one_execution() -> None:
    token = "0a1b2c3d-0000-4000-8000-000000000000"
    with account() as aws:
        create(aws, document(api("One"), parameters={"P": {"type": "String", "default": "x"}}))
        first = begin(aws, ClientToken=token)
        assert begin(aws, ClientToken=token.upper()) == first
        assert begin(aws) != first
        assert error(aws, "ssm", START, DocumentName="Test", ClientToken=token, Parameters={"P": ["y"]})[:2] == (
            "IdempotentParameterMismatch", "The client token was used before, with other parameters.",
        )  # fmt: skip


def test_tags_are_kept_with_the_execution() -> None:
    with account() as aws:
        create(aws, document(api("One")))
        execution = begin(aws, Tags=[{"Key": "team", "Value": "shop"}])
        where = {"ResourceType": "Automation", "ResourceId": execution}
        ask(aws, "ssm", "add_tags_to_resource", **where, Tags=[{"Key": "night", "Value": "yes"}])
        both = ask(aws, "ssm", "list_tags_for_resource", **where)
        ask(aws, "ssm", "remove_tags_from_resource", **where, TagKeys=["team"])
        one = ask(aws, "ssm", "list_tags_for_resource", **where)

    assert both == {"TagList": [{"Key": "team", "Value": "shop"}, {"Key": "night", "Value": "yes"}]}
    assert one == {"TagList": [{"Key": "night", "Value": "yes"}]}


def test_tags_of_documents_are_left_to_moto() -> None:
    with account() as aws:
        create(aws, document(api("One")))
        where = {"ResourceType": "Document", "ResourceId": "Test"}
        ask(aws, "ssm", "add_tags_to_resource", **where, Tags=[{"Key": "team", "Value": "shop"}])
        assert ask(aws, "ssm", "list_tags_for_resource", **where) == {
            "TagList": [{"Key": "team", "Value": "shop"}]
        }


def test_ids_are_the_same_in_every_run() -> None:
    found = []
    for _ in range(2):
        with account() as aws:
            found.append(run(aws, document(api("One")))["AutomationExecutionId"])
    assert found[0] == found[1]
