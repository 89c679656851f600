"""What each action does, and how it fails."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from runbook.local.aws import Fault
from tests.local.automation.runs import (
    EXECUTING,
    GUIDE,
    ROLE,
    Json,
    account,
    api,
    automation,
    document,
    ended,
    outcome,
    patiently,
    run,
    start,
    step,
    trust,
)
from tests.local.aws_account import ask, client


def test_execute_aws_api_gives_what_is_selected() -> None:
    outputs = [{"Name": "Version", "Selector": "$.cluster.version", "Type": "String"}]
    one = api("Describe", "eks", "DescribeCluster", inputs={"name": "shop"}, outputs=outputs)
    with account() as aws:
        record = run(aws, document(one, outputs=["Describe.Version"]))

    assert record["Outputs"] == {"Describe.Version": ["1.34"]}
    assert record["StepExecutions"][0]["Inputs"] == {
        "Service": '"eks"', "Api": '"DescribeCluster"', "name": '"shop"',
    }  # fmt: skip


def test_execute_aws_api_acts_as_the_role() -> None:
    content = document(api("Describe", "eks", "DescribeCluster", inputs={"name": "shop"}), assumeRole=ROLE)
    with account("s3:ListAllMyBuckets") as aws:
        record = run(aws, content)
    with account("eks:DescribeCluster") as aws:
        allowed = run(aws, content)

    session = (
        f"arn:aws:sts::111122223333:assumed-role/automation/Automation-{record['AutomationExecutionId']}"
    )
    assert f"User: {session} is not authorized to perform: eks:DescribeCluster" in record["FailureMessage"]
    assert outcome(allowed) == ("Success", {"Describe": "Success"})


def test_execute_aws_api_has_no_streams() -> None:
    with account() as aws:
        ask(aws, "s3", "create_bucket", Bucket="files")
        ask(aws, "s3", "put_object", Bucket="files", Key="a", Body=b"x")
        record = run(aws, document(api("Get", "s3", "GetObject", inputs={"Bucket": "files", "Key": "a"})))

    assert record["FailureMessage"] == (
        f"{EXECUTING}Operations that answer with a stream are not supported. {GUIDE}"
    )


def test_a_call_that_takes_too_long_ends_the_step() -> None:
    with account() as aws:
        aws.faults["s3:ListBuckets"] = Fault(kind="slow", seconds=2)
        record = run(aws, document(api("One", timeoutSeconds=1)))

    assert outcome(record) == ("TimedOut", {"One": "TimedOut"})


def test_wait_asks_until_the_property_is_as_desired() -> None:
    with account() as aws:
        ask(aws, "s3", "create_bucket", Bucket="files")
        inputs = {"Bucket": "files", "PropertySelector": "$.Status", "DesiredValues": ["Enabled"]}
        content = document(
            step("Wait", "waitForAwsResourceProperty", Service="s3", Api="GetBucketVersioning", **inputs)
        )
        execution = start(aws, content)
        patiently(lambda: aws.calls.count("s3:GetBucketVersioning") >= 2)
        assert automation(aws).find(execution).status == "InProgress"
        versioning = {"Status": "Enabled"}
        ask(aws, "s3", "put_bucket_versioning", Bucket="files", VersioningConfiguration=versioning)
        assert outcome(ended(aws, execution)) == ("Success", {"Wait": "Success"})


def test_branch_takes_the_first_choice_that_holds() -> None:
    choices = [
        {"NextStep": name, "Variable": "a", "StringEquals": value}
        for name, value in (("A", "b"), ("B", "a"), ("C", "a"))
    ]
    with account() as aws:
        record = run(
            aws, document(step("Choose", "branch", Choices=choices), api("A"), api("B", isEnd=True), api("C"))
        )

    assert outcome(record)[1] == {"Choose": "Success", "A": "Pending", "B": "Success", "C": "Pending"}
    assert record["StepExecutions"][0]["NextStep"] == "B"
    assert record["StepExecutions"][0]["ValidNextSteps"] == ["A", "B", "C"]


def test_variables_change() -> None:
    content = document(
        step("Set", "updateVariable", Name="variable:where", Value="{{ global:REGION }}"),
        step("Use", "branch", Choices=[{"NextStep": "End", "Variable": "{{ variable:where }}", "StringEquals": "us-east-1"}], Default="Not"),
        api("End", isEnd=True),
        api("Not"),
        variables={"where": {"type": "String", "default": "unset"}},
    )  # fmt: skip
    with account() as aws:
        record = run(aws, content)

    assert record["Variables"] == {"where": ["us-east-1"]}
    assert outcome(record)[1]["End"] == "Success"


TEMPLATE = json.dumps(
    {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "made-by-stack"}}}}
)


def groups(aws: Any) -> list[str]:
    return [group["logGroupName"] for group in ask(aws, "logs", "describe_log_groups")["logGroups"]]


def test_a_stack_is_made_and_removed() -> None:
    make = step(
        "Make", "createStack", StackName="test", TemplateBody=TEMPLATE, Tags=[{"Key": "a", "Value": "b"}]
    )
    with account() as aws:
        made = run(aws, document(make, outputs=["Make.StackStatus"]))
        stack = ask(aws, "cloudformation", "describe_stacks", StackName="test")["Stacks"][0]
        assert groups(aws) == ["made-by-stack"]
        ask(aws, "ssm", "delete_document", Name="Test")
        removed = run(aws, document(step("Remove", "deleteStack", StackName="test")))
        assert groups(aws) == []
        ask(aws, "ssm", "delete_document", Name="Test")
        again = run(aws, document(step("Remove", "deleteStack", StackName="test")))

    outputs = made["StepExecutions"][0]["Outputs"]
    assert made["Outputs"] == {"Make.StackStatus": ["CREATE_COMPLETE"]}
    assert outputs["StackId"] == [stack["StackId"]]
    assert stack["Tags"] == [{"Key": "a", "Value": "b"}]
    assert outcome(removed) == outcome(again) == ("Success", {"Remove": "Success"})


def test_a_stack_that_exists_is_not_made_again() -> None:
    with account() as aws:
        ask(aws, "cloudformation", "create_stack", StackName="test", TemplateBody=TEMPLATE)
        record = run(aws, document(step("Make", "createStack", StackName="test", TemplateBody=TEMPLATE)))

    assert record["FailureMessage"] == (
        f"{EXECUTING}An error occurred (AlreadyExistsException) when calling the CreateStack operation: "
        f"Stack [test] already exists. {GUIDE}"
    )


FUNCTION = """
def answer(event, context):
    if event.get("fail"):
        raise ValueError("no")
    return {"got": event}
"""


def invoked(**inputs: Any) -> Json:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as packed:
        packed.writestr("index.py", FUNCTION)
    invoke = step("Call", "invokeLambdaFunction", FunctionName="echo", **inputs)
    with account() as aws:
        document_of_trust = json.dumps(trust("lambda.amazonaws.com"))
        role = ask(aws, "iam", "create_role", RoleName="echo", AssumeRolePolicyDocument=document_of_trust)[
            "Role"
        ]
        ask(
            aws, "lambda", "create_function",
            FunctionName="echo", Runtime="python3.11", Role=role["Arn"], Handler="index.answer",
            Code={"ZipFile": code.getvalue()},
        )  # fmt: skip
        client(aws, "lambda").get_waiter("function_active_v2").wait(FunctionName="echo")
        record = run(aws, document(invoke))
    assert outcome(record) == ("Success", {"Call": "Success"})
    outputs: Json = record["StepExecutions"][0]["Outputs"]
    del outputs["OutputPayload"]
    return outputs


def test_a_function_is_invoked() -> None:
    assert invoked(InputPayload={"a": 1}, LogType="None") == {
        "StatusCode": ["200"], "FunctionError": [""], "LogResult": [""], "Payload": ['{"got": {"a": 1}}'],
    }  # fmt: skip


def test_an_error_of_a_function_is_an_output() -> None:
    outputs = invoked(Payload='{"fail": true}')
    assert (outputs["StatusCode"], outputs["FunctionError"]) == (["200"], ["Unhandled"])
    assert json.loads(outputs["Payload"][0])["errorMessage"] == "no"
