"""The language of templates: what each function gives, and what CloudFormation refuses in which words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import AwsError, EmbeddedAws
from runbook.local.aws.cloudformation.intrinsics import resolve
from runbook.local.aws.cloudformation.scope import NO_VALUE, Made, Scope
from runbook.local.aws.cloudformation.text import parse
from tests.local.aws_account import GROUP, SUBNET_A, SUBNET_B, Json, ask, error, state
from tests.local.aws_stacks import created, parameter, physical, template

SCOPE = Scope(
    parameters={"Stage": "prod", "Empty": "", "Zones": ["a", "b", "c"]},
    pseudo={"AWS::Region": "us-east-1", "AWS::AccountId": "111122223333", "AWS::Partition": "aws"},
    mappings={"Sizes": {"prod": {"memory": 512}, "us-east-1": {"memory": 256}}},
    conditions={
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsEmpty": {"Fn::Equals": [{"Ref": "Empty"}, ""]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsEmpty"}]},
        "Neither": {"Fn::Not": [{"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsEmpty"}]}]},
        "Number": {"Fn::Equals": ["1", 1]},
    },
    made={"Role": Made(id="my-role", attributes={"Arn": "arn:aws:iam::111122223333:role/my-role"})},
    exports=lambda: {"shared": "gift"},
    zones=lambda: ["us-east-1a", "us-east-1b"],
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"Ref": "Stage"}, "prod"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Ref": "AWS::NoValue"}, NO_VALUE),
        ({"Ref": "Role"}, "my-role"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "arn:aws:iam::111122223333:role/my-role"),
        ({"Fn::GetAtt": "Role.Arn"}, "arn:aws:iam::111122223333:role/my-role"),
        ({"Fn::Sub": "${Stage}-${AWS::Region}-${Role.Arn}-${!Kept}"}, "prod-us-east-1-arn:aws:iam::111122223333:role/my-role-${Kept}"),
        ({"Fn::Sub": ["${Own}/${Role}", {"Own": {"Ref": "Stage"}}]}, "prod/my-role"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 3, True]]}, "a-prod-3-true"),
        ({"Fn::Join": ["", {"Ref": "Zones"}]}, "abc"),
        ({"Fn::Select": [1, {"Ref": "Zones"}]}, "b"),
        ({"Fn::Select": ["2", {"Ref": "Zones"}]}, "c"),
        ({"Fn::Split": [":", "x:y:z"]}, ["x", "y", "z"]),
        ({"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["Role", "Arn"]}]}]}, "role/my-role"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 512),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "memory"]}, 256),
        ({"Fn::If": ["IsProd", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Neither", "yes", {"Ref": "AWS::NoValue"}]}, NO_VALUE),
        ({"Fn::If": ["Both", {"Ref": "Role"}, "no"]}, "my-role"),
        ({"Fn::If": ["Number", "equal", "different"]}, "equal"),
        ({"Fn::ImportValue": {"Fn::Sub": "shared"}}, "gift"),
        ({"Fn::Base64": {"Ref": "Stage"}}, "cHJvZA=="),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::GetAZs": ""}, ["us-east-1a", "us-east-1b"]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}, {"b": [1]}),
        ({"Condition": {"StringEquals": {"a": {"Ref": "Stage"}}}}, {"Condition": {"StringEquals": {"a": "prod"}}}),
    ],
)  # fmt: skip
def test_functions_give(written: Any, value: Any) -> None:
    assert resolve(written, SCOPE) == value


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"Fn::Select": [9, {"Ref": "Zones"}]}, "Template error: Fn::Select cannot select nonexistent value at index 9"),
        ({"Fn::FindInMap": ["Sizes", "test", "memory"]}, "Template error: Unable to get mapping for Sizes::test::memory"),
        ({"Fn::ImportValue": "nothing"}, "No export named nothing found."),
        ({"Ref": "Absent"}, "Template format error: Unresolved resource dependencies [Absent] in the Resources block of the template"),
        ({"Fn::If": ["IsProd", "yes"]}, "Template error: Fn::If requires a list argument with three elements"),
        ({"Fn::Sub": "${Zones}"}, "Template error: Fn::Sub needs a text, not a list or an object"),
    ],
)  # fmt: skip
def test_functions_refuse(written: Any, words: str) -> None:
    with pytest.raises(AwsError) as refused:
        resolve(written, SCOPE)

    assert (refused.value.code, refused.value.message) == ("ValidationError", words)


def test_yaml_has_short_forms_and_no_dates() -> None:
    text = """
    Resources:
      A:
        Properties:
          Version: 2012-10-17
          One: !Ref Stage
          Two: !GetAtt Role.Arn
          Three: !Sub ["${A}", {A: !Ref B}]
          Four: !If [IsProd, !Select [0, !Split [",", "a,b"]], !Ref AWS::NoValue]
    """
    assert parse(text)["Resources"]["A"]["Properties"] == {
        "Version": "2012-10-17",
        "One": {"Ref": "Stage"},
        "Two": {"Fn::GetAtt": ["Role", "Arn"]},
        "Three": {"Fn::Sub": ["${A}", {"A": {"Ref": "B"}}]},
        "Four": {
            "Fn::If": [
                "IsProd",
                {"Fn::Select": [0, {"Fn::Split": [",", "a,b"]}]},
                {"Ref": "AWS::NoValue"},
            ]
        },
    }


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state()) as opened:
        yield opened


ROLE_WITHOUT_TRUST: Json = {"Type": "AWS::IAM::Role", "Properties": {}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"Resources": ', "Template format error: JSON not well-formed. (line 1, column 15)"),
        ("Resources: [", "Template format error: YAML not well-formed. (line 1, column 13)"),
        ("just words", "Template format error: unsupported structure."),
        ('{"Description": "nothing"}', "Template format error: At least one Resources member must be defined."),
        (template({"A": parameter()}, Extra={}), "Invalid template property or properties [Extra]"),
        (template({"A": {"Properties": {}}}), "Template format error: [/Resources/A] Every Resources object must contain a Type member."),
        (template({"a-b": parameter()}), "Template format error: Resource name a-b is non alphanumeric."),
        (template({"A": parameter(Property=1)}), "Invalid template resource property 'Property'"),
        (template({"A": parameter(None)}), "[/Resources/A/Properties/Value] 'null' values are not allowed in templates"),
        (
            template({"A": {"Type": "AWS::EC2::Instance"}, "B": {"Type": "My::Own::Thing"}, "C": parameter()}),
            "Template format error: Unrecognized resource types: [AWS::EC2::Instance, My::Own::Thing]",
        ),
        (
            template({"A": parameter({"Ref": "Nobody"})}),
            "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template",
        ),
        (
            template({"A": parameter(DependsOn="Nobody")}),
            "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template",
        ),
        (
            template({"A": parameter()}, Outputs={"O": {"Value": {"Ref": "Nobody"}}}),
            "Template format error: Unresolved resource dependencies [Nobody] in the Outputs block of the template",
        ),
        (
            template({"A": parameter({"Fn::GetAtt": ["Nobody", "Arn"]})}),
            "Template error: instance of Fn::GetAtt references undefined resource Nobody",
        ),
        (
            template({"A": parameter({"Fn::Sub": "${B.Arn}"}), "B": parameter()}),
            "Template error: resource B does not support attribute type Arn in Fn::GetAtt",
        ),
        (
            template({"A": parameter({"Ref": "B"}), "B": parameter(DependsOn="A"), "C": parameter({"Ref": "B"})}),
            "Circular dependency between resources: [A, B]",
        ),
        (
            template({"A": parameter(Condition="Never")}),
            "Template format error: Unresolved condition dependency Never in the Resources block of the template",
        ),
        (template({"A": parameter({"Fn::Magic": 1})}), "Template error: Fn::Magic is not an intrinsic function that can be used here"),
        (
            template({"A": parameter("x" * 51_200)}),
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
        ),
    ],
)  # fmt: skip
def test_an_unsound_template_is_refused(aws: EmbeddedAws, body: str, words: str) -> None:
    for operation in ("validate_template", "create_stack"):
        named = {"StackName": "unsound"} if operation == "create_stack" else {}
        assert error(aws, "cloudformation", operation, TemplateBody=body, **named) == (
            "ValidationError",
            words,
            400,
        )


@pytest.mark.parametrize(
    ("declared", "given", "words"),
    [
        ({"Type": "String"}, [], "Parameters: [P] must have values"),
        ({"Type": "String"}, [("P", "x"), ("Q", "y")], "Parameters: [Q] do not exist in the template"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, [("P", "c")], "Parameter P failed to satisfy constraint: Parameter must be one of AllowedValues: [a, b]"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, [("P", "ab1")], "Parameter P failed to satisfy constraint: Parameter must match pattern [a-z]+"),
        ({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "letters only"}, [("P", "1")], "Parameter P failed to satisfy constraint: letters only"),
        ({"Type": "Number", "MaxValue": 3}, [("P", "4")], "Parameter P failed to satisfy constraint: Parameter must be a number not greater than 3"),
        ({"Type": "Number"}, [("P", "four")], "Parameter 'P' must be a number"),
        ({"Type": "String", "MinLength": 2}, [("P", "x")], "Parameter P failed to satisfy constraint: Parameter must contain at least 2 characters"),
        ({"Type": "Text"}, [("P", "x")], "Template format error: Unrecognized parameter type: Text"),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, [("P", "/none")], "Unable to fetch parameters [/none] from parameter store for this account."),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, [("P", "subnet-0dead")], "Parameter validation failed: parameter value subnet-0dead for parameter name P does not exist"),
    ],
)  # fmt: skip
def test_a_parameter_outside_its_limits_is_refused(
    aws: EmbeddedAws, declared: Json, given: list[tuple[str, str]], words: str
) -> None:
    refused = error(
        aws,
        "cloudformation",
        "create_stack",
        StackName="limits",
        TemplateBody=template({"A": parameter()}, Parameters={"P": declared}),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given],
    )

    assert refused == ("ValidationError", words, 400)


def test_a_condition_that_cannot_be_decided_is_refused_at_once(aws: EmbeddedAws) -> None:
    found = {"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "memory"]}
    body = template(
        {"A": parameter()}, Conditions={"Large": {"Fn::Equals": [found, "512"]}}, Mappings={"Sizes": {}}
    )

    assert error(aws, "cloudformation", "create_stack", StackName="undecided", TemplateBody=body) == (
        "ValidationError",
        "Template error: Unable to get mapping for Sizes::us-east-1::memory",
        400,
    )


def test_a_part_that_lacks_a_key_fails_its_resource(aws: EmbeddedAws) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    given = {"AssumeRolePolicyDocument": trust, "Policies": [{"PolicyDocument": trust}]}
    body = template({"Role": {"Type": "AWS::IAM::Role", "Properties": given}})
    stack = created(aws, "lacking", body, Capabilities=["CAPABILITY_IAM"])
    events = ask(aws, "cloudformation", "describe_stack_events", StackName="lacking")["StackEvents"]

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert [e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "CREATE_FAILED"] == [
        "Properties validation failed for resource Role with message:\n#: required key [PolicyName] not found"
    ]


def test_parameters_reach_resources_and_are_told(aws: EmbeddedAws) -> None:
    ask(aws, "ssm", "put_parameter", Name="/shared", Value="stored", Type="String")
    declared = {
        "Plain": {"Type": "String", "Default": "d"},
        "Secret": {"Type": "String", "NoEcho": True},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/shared"},
        "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
        "Group": {"Type": "AWS::EC2::SecurityGroup::Id", "Default": GROUP},
    }
    joined = {
        "Fn::Sub": [
            "${Plain} ${Secret} ${Stored} ${Last} ${Group}",
            {"Last": {"Fn::Select": [1, {"Ref": "Subnets"}]}},
        ]
    }
    given = {"Secret": "s", "Subnets": f"{SUBNET_A},{SUBNET_B}"}
    stack = created(
        aws,
        "given",
        template({"A": parameter(joined)}, Parameters=declared),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
    )
    value = ask(aws, "ssm", "get_parameter", Name=physical(aws, "given", "A"))["Parameter"]["Value"]

    assert value == f"d s stored {SUBNET_B} {GROUP}"
    assert stack["Parameters"] == [
        {"ParameterKey": "Plain", "ParameterValue": "d"},
        {"ParameterKey": "Secret", "ParameterValue": "****"},
        {"ParameterKey": "Stored", "ParameterValue": "/shared", "ResolvedValue": "stored"},
        {"ParameterKey": "Subnets", "ParameterValue": f"{SUBNET_A},{SUBNET_B}"},
        {"ParameterKey": "Group", "ParameterValue": GROUP},
    ]


def test_a_condition_decides_which_resources_and_outputs_there_are(aws: EmbeddedAws) -> None:
    body = template(
        {"Always": parameter(), "Never": parameter(Condition="No")},
        Conditions={"No": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}},
        Outputs={
            "Told": {"Value": {"Fn::If": ["No", {"Ref": "Never"}, "nothing"]}, "Description": "d"},
            "Untold": {"Condition": "No", "Value": {"Ref": "Never"}},
        },
    )
    stack = created(aws, "conditional", body)
    listed = ask(aws, "cloudformation", "list_stack_resources", StackName="conditional")

    assert [one["LogicalResourceId"] for one in listed["StackResourceSummaries"]] == ["Always"]
    assert stack["Outputs"] == [{"OutputKey": "Told", "OutputValue": "nothing", "Description": "d"}]


def test_a_rule_s_assertion_is_asked_before_anything_is_made(aws: EmbeddedAws) -> None:
    contains = {"Fn::Contains": [["1", "2"], {"Ref": "Version"}]}
    rules = {"Check": {"Assertions": [{"Assert": {"Fn::Not": [contains]}, "AssertDescription": "too old"}]}}
    body = template(
        {"A": parameter()}, Rules=rules, Parameters={"Version": {"Type": "String", "Default": "2"}}
    )
    newer = [{"ParameterKey": "Version", "ParameterValue": "3"}]

    assert error(aws, "cloudformation", "create_stack", StackName="ruled", TemplateBody=body) == (
        "ValidationError",
        "Template error: rule Check is violated: too old",
        400,
    )
    assert created(aws, "ruled", body, Parameters=newer)["StackStatus"] == "CREATE_COMPLETE"


def test_validation_and_summary_tell_parameters_and_capabilities(aws: EmbeddedAws) -> None:
    body = json.dumps(
        {
            "Description": "about it",
            "Parameters": {"P": {"Type": "String", "Default": "x", "Description": "what"}},
            "Resources": {"R": ROLE_WITHOUT_TRUST, "A": parameter()},
        }
    )

    assert ask(aws, "cloudformation", "validate_template", TemplateBody=body) == {
        "Parameters": [{"ParameterKey": "P", "DefaultValue": "x", "NoEcho": False, "Description": "what"}],
        "Description": "about it",
        "Capabilities": ["CAPABILITY_IAM"],
        "CapabilitiesReason": "The following resource(s) require capabilities: [AWS::IAM::Role]",
    }
    summary = ask(aws, "cloudformation", "get_template_summary", TemplateBody=body)
    assert summary["ResourceTypes"] == ["AWS::IAM::Role", "AWS::SSM::Parameter"]


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (
            {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x", "Colour": "red"}},
            "Properties validation failed for resource A with message:\n#: extraneous key [Colour] is not permitted",
        ),
        (
            {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String"}},
            "Properties validation failed for resource A with message:\n#: required key [Value] not found",
        ),
        (
            {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"State": "Enabled"}}},
            "Properties validation failed for resource A with message:\n#/VersioningConfiguration: extraneous key [State] is not permitted",
        ),
        (
            {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": "week"}},
            "Properties validation failed for resource A with message:\n#/retentionInDays: expected type: Integer, found: String",
        ),
    ],
)
def test_a_property_that_a_type_does_not_have_fails_its_resource(
    aws: EmbeddedAws, resource: Json, words: str
) -> None:
    stack = created(aws, "properties", template({"A": resource}))
    found = ask(
        aws, "cloudformation", "describe_stack_resources", StackName="properties", LogicalResourceId="A"
    )
    events = ask(aws, "cloudformation", "describe_stack_events", StackName="properties")["StackEvents"]
    ask(aws, "cloudformation", "delete_stack", StackName="properties")

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert found["StackResources"][0]["StackName"] == "properties"
    assert [e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "CREATE_FAILED"] == [words]
