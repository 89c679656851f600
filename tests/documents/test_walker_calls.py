"""The walker over small documents: attachments, templates, calls and rights."""

from __future__ import annotations

import pytest

from runbook.local.walker import defects
from tests.documents.small import (
    FILES,
    Change,
    broken,
    document,
    inputs,
    output,
    sound,
    step,
    zipped,
)


def found(*changes: Change) -> list[str]:
    return defects(broken(*changes), files=FILES)


ATTACHED: dict[str, tuple[Change, str]] = {
    "too many": (lambda content: content["files"].update({f"a{n}.zip": content["files"]["steps.zip"] for n in range(5)}), "The document: has 6 attachments; SSM takes 5."),
    "checksum": (document(files={"steps.zip": {"checksums": {"sha256": "0" * 64}}}), "The document: the sha256 of 'steps.zip' is not that of the file."),
    "name": (lambda content: content["files"].update({"a b.zip": content["files"]["steps.zip"]}), "The document: SSM takes no attachment called 'a b.zip'."),
    "runtime": (inputs("Plan", Runtime="python3.8"), "Step 'Plan': Runtime is python3.8, not python3.11."),
    "payload": (inputs("Plan", InputPayload=None), "Step 'Plan': has no InputPayload."),
    "not attached": (inputs("Plan", Attachment="other.zip"), "Step 'Plan': Attachment 'other.zip' is not among the document's files."),
    "handler": (inputs("Plan", Handler="plan"), "Step 'Plan': Handler is 'plan', not file.function."),
    "no file": (inputs("Plan", Handler="step.plan"), "Step 'Plan': 'steps.zip' defines no step.plan that takes an event and a context."),
    "no function": (inputs("Plan", Handler="steps.plans"), "Step 'Plan': 'steps.zip' defines no steps.plans that takes an event and a context."),
    "arguments": (inputs("Plan", Handler="steps.alone"), "Step 'Plan': 'steps.zip' defines no steps.alone that takes an event and a context."),
    "coroutine": (inputs("Plan", Handler="steps.later"), "Step 'Plan': 'steps.zip' defines no steps.later that takes an event and a context."),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), ATTACHED.values(), ids=ATTACHED)
def test_attachments(change: Change, message: str) -> None:
    files = dict.fromkeys(("steps.zip", "a b.zip", *(f"a{n}.zip" for n in range(5))), FILES["steps.zip"])
    assert defects(broken(change), files=files) == [message]


def test_another_file_than_the_one_that_was_meant() -> None:
    files = {"steps.zip": zipped("def plan(event, context): ...\ndef tell(event, context): ...\n")}
    assert defects(sound(), files=files) == [
        "The document: the sha256 of 'steps.zip' is not that of the file."
    ]


def test_an_attachment_without_its_file() -> None:
    assert defects(sound()) == [
        "The document: there is no file 'steps.zip' to attach.",
        *(
            f"Step '{name}': Attachment 'steps.zip' is not among the document's files."
            for name in ("Plan", "Tell", "Finish")
        ),
    ]


RESOURCES = '"Resources": {"A": {"Type": "AWS::SNS::Topic"}}'
NO_PARAMETER = "Step 'Deploy': gives the template a parameter 'Endpoint', which it does not declare."
TEMPLATES: dict[str, tuple[Change, list[str]]] = {
    "size": (inputs("Deploy", TemplateBody="#" * 51_201), ["Step 'Deploy': TemplateBody has 51,201 bytes; CloudFormation takes 51,200.", "Step 'Deploy': TemplateBody has no Resources."]),
    "text": (inputs("Deploy", TemplateBody="{"), ["Step 'Deploy': TemplateBody is neither JSON nor YAML."]),
    "empty": (inputs("Deploy", TemplateBody="{}"), ["Step 'Deploy': TemplateBody has no Resources."]),
    "section": (inputs("Deploy", Parameters=[], TemplateBody='{"Resource": {}, ' + RESOURCES + "}"), ["Step 'Deploy': TemplateBody has a section 'Resource', which CloudFormation does not know."]),
    "not declared": (inputs("Deploy", TemplateBody="{" + RESOURCES + "}"), [NO_PARAMETER]),
    "not given": (inputs("Deploy", Parameters=[]), ["Step 'Deploy': does not give the template's parameter 'Endpoint'."]),
    "tags": (inputs("Deploy", Tags=[{"Key": str(n), "Value": "a"} for n in range(11)]), ["Step 'Deploy': has more than 10 Tags."]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "messages"), TEMPLATES.values(), ids=TEMPLATES)
def test_templates(change: Change, messages: list[str]) -> None:
    assert found(change) == messages


CALLS: dict[str, tuple[Change, str]] = {
    "service": (inputs("Wait", Service="lambada"), "Step 'Wait': 'lambada:GetFunctionConfiguration' is no operation of AWS."),
    "operation": (inputs("Look", Api="DescribeStack"), "Step 'Look': 'cloudformation:DescribeStack' is no operation of AWS."),
    "unknown parameter": (inputs("Wait", Function="a"), "Step 'Wait': GetFunctionConfiguration: Unknown parameter in input: \"Function\", must be one of: FunctionName, Qualifier."),
    "no parameter": (inputs("Wait", FunctionName=None), "Step 'Wait': GetFunctionConfiguration: Missing required parameter in input: \"FunctionName\"."),
    "type": (inputs("Deploy", TimeoutInMinutes=10, Capabilities="CAPABILITY_IAM"), "Step 'Deploy': CreateStack: Invalid type for parameter Capabilities, value: CAPABILITY_IAM, type: <class 'str'>, valid types: <class 'list'>, <class 'tuple'>."),
    "type within": (inputs("Deploy", Tags=[{"Key": "a", "Value": 1}]), "Step 'Deploy': CreateStack: Invalid type for parameter Tags[0].Value, value: 1, type: <class 'int'>, valid types: <class 'str'>."),
    "streams": (inputs("Wait", Api="Invoke", PropertySelector="$.StatusCode"), "Step 'Wait': Invoke streams, which aws:waitForAwsResourceProperty cannot."),
    "retries": (step("Deploy", maxAttempts=2), "Step 'Deploy': has several attempts, but no ClientRequestToken."),
    "no values": (inputs("Wait", DesiredValues=[]), "Step 'Wait': has no DesiredValues."),
    "no path": (inputs("Wait", PropertySelector="$.State."), "Step 'Wait': '$.State.' is no JSONPath."),
    "no property": (inputs("Wait", PropertySelector="$.Configuration.State"), "Step 'Wait': '$.Configuration.State' selects Configuration, which the answer does not have."),
    "no member": (output("Look", Selector="$.Stacks[0].Status"), "Step 'Look': '$.Stacks[0].Status' selects Status, which the answer does not have."),
    "no list": (output("Look", Selector="$.Stacks.StackStatus"), "Step 'Look': '$.Stacks.StackStatus' selects StackStatus, which the answer does not have."),
    "script's answer": (output("Tell", Selector="$.report"), "Step 'Tell': output 'Report' selects '$.report', not $.Payload."),
    "type of output": (output("Tell", Type="Text"), "Step 'Tell': output 'Report' is of no type that SSM has: 'Text'."),
    "selector": (output("Tell", Selector=None), "Step 'Tell': an output lacks Selector."),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), CALLS.values(), ids=CALLS)
def test_calls(change: Change, message: str) -> None:
    assert found(change) == [message]


def test_a_reference_may_stand_for_a_list_or_a_structure() -> None:
    assert (
        found(
            inputs(
                "Deploy",
                Tags="{{ Cluster }}",
                NotificationARNs=["{{ Cluster }}"],
                RollbackConfiguration="{{ Cluster }}",
            )
        )
        == []
    )


def test_a_path_through_filters_is_only_parsed() -> None:
    assert found(output("Look", Selector="$.Stacks[?(@.StackName == 'a')].Anything")) == []


def test_every_operation_is_asked_of_the_role() -> None:
    asked: list[str] = []

    def allowed(operation: str) -> bool:
        asked.append(operation)
        return True

    assert defects(sound(), files=FILES, allowed=allowed) == []
    assert asked == [
        "cloudformation:CreateStack",
        "cloudformation:DescribeStacks",
        "iam:PassRole",
        "lambda:GetFunctionConfiguration",
        "cloudformation:DescribeStacks",
        "cloudformation:DeleteStack",
    ]


def test_an_operation_that_the_role_may_not_make() -> None:
    assert defects(sound(), files=FILES, allowed=lambda name: name != "cloudformation:DeleteStack") == [
        "Step 'Remove': the role may not cloudformation:DeleteStack."
    ]
