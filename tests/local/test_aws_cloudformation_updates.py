"""Stacks updated, rolled back, and looked at beforehand by change sets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import ACCOUNT, Json, ask, error, state
from tests.local.aws_stacks import (
    created,
    history,
    parameter,
    physical,
    settled,
    template,
    updated,
)

NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state()) as opened:
        yield opened


def _value(aws: EmbeddedAws, name: str) -> str:
    return str(ask(aws, "ssm", "get_parameter", Name=name)["Parameter"]["Value"])


def _statuses(aws: EmbeddedAws, stack: str, since: str = "UPDATE_IN_PROGRESS") -> list[tuple[str, str]]:
    """Logical ids and statuses since the last update began."""
    told = [(logical, status) for logical, status, _ in history(aws, stack)]
    return told[len(told) - 1 - told[::-1].index((stack, since)) :]


def test_an_update_makes_changes_and_removes_what_differs(aws: EmbeddedAws) -> None:
    created(aws, "three", template({"Kept": parameter(), "Changed": parameter(), "Gone": parameter()}))
    names = {one: physical(aws, "three", one) for one in ("Kept", "Changed", "Gone")}
    new = template({"Kept": parameter(), "Changed": parameter("two"), "New": parameter({"Ref": "Changed"})})
    stack = updated(aws, "three", new)

    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert _statuses(aws, "three") == [
        ("three", "UPDATE_IN_PROGRESS"),
        ("Changed", "UPDATE_IN_PROGRESS"),
        ("Changed", "UPDATE_COMPLETE"),
        ("New", "CREATE_IN_PROGRESS"),
        ("New", "CREATE_IN_PROGRESS"),
        ("New", "CREATE_COMPLETE"),
        ("three", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Gone", "DELETE_IN_PROGRESS"),
        ("Gone", "DELETE_COMPLETE"),
        ("three", "UPDATE_COMPLETE"),
    ]
    assert _value(aws, names["Changed"]) == "two"
    assert _value(aws, physical(aws, "three", "New")) == names["Changed"]
    assert error(aws, "ssm", "get_parameter", Name=names["Gone"])[0] == "ParameterNotFound"


def test_a_fixed_property_replaces_the_resource_and_what_refers_to_it_follows(aws: EmbeddedAws) -> None:
    def body(name: str) -> str:
        named = parameter()
        named["Properties"]["Name"] = name
        return template({"Named": named, "Reader": parameter({"Ref": "Named"})})

    created(aws, "renamed", body("/first"))
    reader = physical(aws, "renamed", "Reader")
    stack = updated(aws, "renamed", body("/second"))

    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert _value(aws, reader) == "/second"
    assert error(aws, "ssm", "get_parameter", Name="/first")[0] == "ParameterNotFound"
    assert physical(aws, "renamed", "Named") == "/second"


def test_a_failed_update_leaves_the_stack_as_it_was(aws: EmbeddedAws) -> None:
    created(aws, "back", template({"Value": parameter("before")}))
    name = physical(aws, "back", "Value")
    bad = parameter("", DependsOn=["Value", "Extra"])
    stack = updated(aws, "back", template({"Value": parameter("after"), "Extra": parameter(), "Bad": bad}))
    listed = ask(aws, "cloudformation", "list_stack_resources", StackName="back")["StackResourceSummaries"]

    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert _value(aws, name) == "before"
    assert [one["LogicalResourceId"] for one in listed] == ["Value"]
    assert (
        "back", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Bad]. ",
    ) in history(aws, "back")  # fmt: skip
    assert updated(aws, "back", template({"Value": parameter("later")}))["StackStatus"] == "UPDATE_COMPLETE"


def test_an_update_that_changes_nothing_is_refused(aws: EmbeddedAws) -> None:
    body = template({"Value": parameter()})
    created(aws, "same", body, Tags=[{"Key": "a", "Value": "b"}])
    none = ("ValidationError", "No updates are to be performed.", 400)

    assert error(aws, "cloudformation", "update_stack", StackName="same", TemplateBody=body) == none
    assert error(aws, "cloudformation", "update_stack", StackName="same", UsePreviousTemplate=True) == none
    ask(
        aws, "cloudformation", "update_stack",
        StackName="same", UsePreviousTemplate=True, Tags=[{"Key": "a", "Value": "c"}],
    )  # fmt: skip
    settled(aws, "same")
    tags = ask(
        aws, "ssm", "list_tags_for_resource",
        ResourceType="Parameter", ResourceId=physical(aws, "same", "Value"),
    )  # fmt: skip
    assert tags["TagList"] == [{"Key": "a", "Value": "c"}]


def test_a_stack_that_was_rolled_back_can_only_be_deleted(aws: EmbeddedAws) -> None:
    stack = created(aws, "never", template({"Bad": parameter("")}))
    body = template({"Good": parameter()})

    assert error(aws, "cloudformation", "update_stack", StackName="never", TemplateBody=body) == (
        "ValidationError",
        f"Stack:{stack['StackId']} is in ROLLBACK_COMPLETE state and can not be updated.",
        400,
    )


def _change_set(aws: EmbeddedAws, stack: str, name: str, body: str, **more: Any) -> Json:
    asked = {"StackName": stack, "ChangeSetName": name}
    ask(aws, "cloudformation", "create_change_set", **asked, TemplateBody=body, **more)
    return ask(aws, "cloudformation", "describe_change_set", **asked)


def test_a_stack_is_created_by_a_change_set(aws: EmbeddedAws) -> None:
    found = _change_set(aws, "made", "first", template({"Value": parameter()}), ChangeSetType="CREATE")
    before = ask(aws, "cloudformation", "describe_stacks", StackName="made")["Stacks"][0]
    ask(aws, "cloudformation", "execute_change_set", StackName="made", ChangeSetName="first")
    after = settled(aws, "made")
    again = error(aws, "cloudformation", "execute_change_set", ChangeSetName=found["ChangeSetId"])

    assert (found["Status"], found["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert found["Changes"] == [
        {
            "Type": "Resource",
            "ResourceChange": {
                "Action": "Add",
                "LogicalResourceId": "Value",
                "ResourceType": "AWS::SSM::Parameter",
                "Scope": [],
            },
        }
    ]
    assert (before["StackStatus"], after["StackStatus"]) == ("REVIEW_IN_PROGRESS", "CREATE_COMPLETE")
    assert again[0] == "InvalidChangeSetStatus"


def test_a_change_set_tells_what_an_update_would_do(aws: EmbeddedAws) -> None:
    fixed = parameter()
    fixed["Properties"]["Name"] = "/fixed"
    created(aws, "looked", template({"Fixed": fixed, "Value": parameter(), "Gone": parameter()}))
    fixed["Properties"]["Name"] = "/other"
    new = template({"Fixed": fixed, "Value": parameter({"Ref": "Fixed"}), "New": parameter()})
    changes = [one["ResourceChange"] for one in _change_set(aws, "looked", "second", new)["Changes"]]

    assert [
        (one["Action"], one["LogicalResourceId"], one.get("Replacement"), one["Scope"]) for one in changes
    ] == [
        ("Modify", "Fixed", "True", ["Properties"]),
        ("Add", "New", None, []),
        ("Modify", "Value", "False", ["Properties"]),
        ("Remove", "Gone", None, []),
    ]
    assert changes[0]["Details"] == [
        {
            "Target": {"Attribute": "Properties", "Name": "Name", "RequiresRecreation": "Always"},
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
    ]
    assert physical(aws, "looked", "Fixed") == "/fixed"
    ask(aws, "cloudformation", "execute_change_set", StackName="looked", ChangeSetName="second")
    assert settled(aws, "looked")["StackStatus"] == "UPDATE_COMPLETE"
    assert physical(aws, "looked", "Fixed") == "/other"


def test_a_change_set_without_changes_fails_in_aws_s_words(aws: EmbeddedAws) -> None:
    body = template({"Value": parameter()})
    created(aws, "still", body)
    found = _change_set(aws, "still", "none", body)
    listed = ask(aws, "cloudformation", "list_change_sets", StackName="still")["Summaries"]
    asked = {"StackName": "still", "ChangeSetName": "none"}
    for _ in range(2):
        assert ask(aws, "cloudformation", "delete_change_set", **asked) == {}

    assert (found["Status"], found["StatusReason"]) == ("FAILED", NO_CHANGES)
    assert [one["ChangeSetName"] for one in listed] == ["none"]
    assert error(aws, "cloudformation", "describe_change_set", **asked) == (
        "ChangeSetNotFound",
        "ChangeSet [none] does not exist",
        404,
    )


def test_the_template_is_told_as_it_was_given(aws: EmbeddedAws) -> None:
    body = (
        "Resources:\n  Value:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: !Sub x}\n"
    )
    created(aws, "text", body)

    assert ask(aws, "cloudformation", "get_template", StackName="text")["TemplateBody"] == body


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def _policy(action: str) -> Json:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
    }


def test_a_role_and_its_policies_follow_the_template(aws: EmbeddedAws) -> None:
    view = "arn:aws:iam::aws:policy/ReadOnlyAccess"

    def body(action: str, managed: list[str], **more: Any) -> str:
        role: Json = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "followed",
                "AssumeRolePolicyDocument": TRUST,
                "ManagedPolicyArns": managed,
                "Policies": [{"PolicyName": action[:2], "PolicyDocument": _policy(action)}],
                **more,
            },
        }
        own = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": "own",
                "PolicyDocument": _policy(action),
                "Roles": [{"Ref": "Role"}],
            },
        }
        return template({"Role": role, "Own": own})

    named = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}
    own = f"arn:aws:iam::{ACCOUNT}:policy/own"
    created(aws, "identity", body("s3:*", [view]), **named)
    stack = updated(aws, "identity", body("ec2:*", [], Description="new"), **named)
    role = ask(aws, "iam", "get_role", RoleName="followed")["Role"]
    attached = ask(aws, "iam", "list_attached_role_policies", RoleName="followed")["AttachedPolicies"]
    version = ask(aws, "iam", "get_policy", PolicyArn=own)["Policy"]["DefaultVersionId"]
    told = ask(aws, "iam", "get_policy_version", PolicyArn=own, VersionId=version)["PolicyVersion"]

    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert role["Description"] == "new"
    assert ask(aws, "iam", "list_role_policies", RoleName="followed")["PolicyNames"] == ["ec"]
    assert [one["PolicyArn"] for one in attached] == [own]
    assert json.loads(json.dumps(told["Document"])) == _policy("ec2:*")
    ask(aws, "cloudformation", "delete_stack", StackName="identity")
    settled(aws, stack["StackId"])
    assert error(aws, "iam", "get_role", RoleName="followed")[0] == "NoSuchEntity"


def test_a_property_that_cannot_be_is_told_at_its_resource(aws: EmbeddedAws) -> None:
    created(aws, "odd", template({"Value": parameter()}))
    odd = parameter()
    odd["Properties"]["Colour"] = "red"
    stack = updated(aws, "odd", template({"Value": odd}))

    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert history(aws, "odd")[6:8] == [
        (
            "Value",
            "UPDATE_FAILED",
            "Properties validation failed for resource Value with message:\n#: extraneous key [Colour] is not"
            " permitted",
        ),
        ("odd", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Value]. "),
    ]
