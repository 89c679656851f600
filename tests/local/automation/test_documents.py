"""Documents that are made, changed, read; and those that are refused."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from runbook.local.automation.validation import checked
from runbook.local.aws import AwsError, EmbeddedAws
from tests.local.automation.runs import (
    ROLE,
    Json,
    account,
    api,
    begin,
    create,
    document,
    ended,
    nap,
    script,
)
from tests.local.aws_account import ask, error

CREATE = "create_document"
NOT_VALID = "The content for the document is not valid: "


def refusal(content: Json | str, name: str = "Test", **more: Any) -> tuple[str, str]:
    text = content if isinstance(content, str) else json.dumps(content)
    with account() as aws:
        code, words, _status = error(
            aws, "ssm", CREATE, Name=name, DocumentType="Automation", Content=text, **more
        )
        return code, words


def branch(name: str, *choices: Json, **more: Any) -> Json:
    inputs = {"Choices": [{"Variable": "a", "StringEquals": "a", **choice} for choice in choices]}
    return {"name": name, "action": "aws:branch", "inputs": inputs | more}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "the content is not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "the content is not valid JSON: it is not an object"),
        (document(api("One"), main=1), "unknown key main"),
        (document(), "mainSteps has no step"),
        (document(api("One"), parameters={"P": {"type": "Text"}}), "parameter P has the unknown type Text"),
        (document(api("One"), variables={"v": {"type": "AWS::IAM::Role::Arn"}}), "variable v has the unknown type AWS::IAM::Role::Arn"),
        (document(api("One"), api("One")), "step One exists twice"),
        (document(api("a b")), "'a b' is not the name of a step"),
        (document({"name": "One", "action": "aws:nope"}), "step One has the unknown action aws:nope"),
        (document(api("One", next="Two")), "step One has the unknown key next"),
        (document(api("One", timeoutSeconds=0)), "timeoutSeconds of step One is less than 1"),
        (document({"name": "One", "action": "aws:createStack", "inputs": {}}), "step One lacks the input StackName"),
        (document(api("One", outputs=[{"Name": "A"}])), "an output of step One lacks Name or Selector, or has an unknown Type"),
        (document(api("One", nextStep="Two")), "nextStep of step One names Two, which does not exist"),
        (document(api("One", onFailure="step:Two")), "onFailure of step One names Two, which does not exist"),
        (document(api("One", onFailure="Two")), "onFailure of step One is Two"),
        (document(api("One", onCancel="step:Two")), "onCancel of step One names Two, which does not exist"),
        (document(api("One", onCancel="Continue")), "onCancel of step One is Continue"),
        (document(branch("One", {"NextStep": "Two"})), "Choices of step One names Two, which does not exist"),
        (document(branch("One", {"NextStep": "Two"}, Default="No"), api("Two")), "Default of step One names No, which does not exist"),
        (document(api("One", onCancel="step:Two"), nap("Two")), "onCancel of step One leads to aws:sleep"),
        (document(api("One", nextStep="Two"), branch("Two", {"NextStep": "One"})), "its steps form a loop: One -> Two -> One"),
        (document(api("One", inputs={"Bucket": "{{ Typo }}"})), "step One refers to Typo, which is not defined"),
        (document(api("One", inputs={"Bucket": "{{ Two.Name }}"})), "step One refers to Two.Name, which is not defined"),
        (document(api("One"), assumeRole="{{ Role }}"), "assumeRole refers to Role, which is not defined"),
        (document(api("One"), outputs=["Two.A"]), "outputs names Two.A, which no step has"),
        (document(api("One"), files={f"{n}.zip": {} for n in range(6)}), "it has more than 5 attachments"),
        (document(script("One", "", Script=None)), "step One has the unknown key Script"),
        (document({"name": "One", "action": "aws:executeScript", "inputs": {"Runtime": "python3.11", "Handler": "a.b"}}), "step One needs either Script or Attachment"),
        (document({"name": "One", "action": "aws:executeScript", "inputs": {"Runtime": "python3.11", "Handler": "a.b", "Attachment": "a.zip"}}), "step One uses a.zip, which is not in files"),
        (document(branch("One", {})), "a part of it has not the form that it must have (KeyError('NextStep'))"),
    ],
)  # fmt: skip
def test_a_document_that_could_not_run_is_refused(content: Json | str, problem: str) -> None:
    with pytest.raises(AwsError) as refused:
        checked(content if isinstance(content, str) else json.dumps(content), "JSON")
    assert (refused.value.code, refused.value.message) == ("InvalidDocumentContent", f"{NOT_VALID}{problem}.")


def test_the_schema_is_that_of_automation() -> None:
    assert refusal(document(api("One")) | {"schemaVersion": "2.2"}) == (
        "InvalidDocumentSchemaVersion",
        "The version of the document schema is not supported: '2.2'; documents of type Automation have '0.3'.",
    )


def test_a_document_has_at_most_64_kb() -> None:
    content = document(api("One"), description="")
    free = 64 * 1024 - len(json.dumps(content))
    with account() as aws:
        create(aws, content | {"description": "x" * free})
    assert refusal(content | {"description": "x" * (free + 1)}) == (
        "MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["aws-mine", "AmazonMine", "amzn.mine", "AWSSupport-Mine", "AWSEC2-x"])
def test_names_that_belong_to_aws_are_refused(name: str) -> None:
    assert refusal(document(api("One")), name) == (
        "ValidationException", f"Document name {name} begins with a prefix reserved for AWS.",
    )  # fmt: skip


def test_an_action_that_is_not_built_is_refused_as_such() -> None:
    content = document({"name": "Ask", "action": "aws:approve", "inputs": {}})
    assert refusal(content) == (
        "NotEmbedded", "The action aws:approve of step Ask is not part of the embedded account.",
    )  # fmt: skip


def test_update_variable_cannot_be_cancelled_into_another_step() -> None:
    step = {"name": "Set", "action": "aws:updateVariable", "inputs": {"Name": "variable:v", "Value": "1"}}
    content = document(
        step | {"onCancel": "step:End"}, api("End"), variables={"v": {"type": "String", "default": "x"}}
    )
    assert refusal(content) == (
        "InvalidDocumentContent", f"{NOT_VALID}step Set of aws:updateVariable cannot have onCancel.",
    )  # fmt: skip


def test_yaml_is_taken_and_runs() -> None:
    text = "schemaVersion: '0.3'\nmainSteps:\n- name: One\n  action: aws:executeAwsApi\n  inputs: {Service: s3, Api: ListBuckets}\n"
    with account() as aws:
        made = ask(
            aws, "ssm", CREATE, Name="Test", DocumentType="Automation", DocumentFormat="YAML", Content=text
        )
        read = ask(aws, "ssm", "get_document", Name="Test", DocumentFormat="YAML")
        status = ended(aws, begin(aws))["AutomationExecutionStatus"]

    assert made["DocumentDescription"]["PlatformTypes"] == ["Windows", "Linux", "MacOS"]
    assert (read["Content"], read["DocumentVersion"], status) == (text, "1", "Success")


def test_a_version_is_chosen_by_number_latest_or_default() -> None:
    with account() as aws:
        create(aws, document(api("One")))
        for name in ("Two", "Three"):
            ask(
                aws,
                "ssm",
                "update_document",
                Name="Test",
                Content=json.dumps(document(api(name))),
                DocumentVersion="$LATEST",
            )
        ask(aws, "ssm", "update_document_default_version", Name="Test", DocumentVersion="2")

        def step(**more: str) -> tuple[str, str]:
            record = ended(aws, begin(aws, **more))
            return record["DocumentVersion"], record["StepExecutions"][0]["StepName"]

        assert step() == step(DocumentVersion="$DEFAULT") == ("2", "Two")
        assert step(DocumentVersion="$LATEST") == ("3", "Three")
        assert step(DocumentVersion="1") == ("1", "One")
        assert error(aws, "ssm", "start_automation_execution", DocumentName="Test", DocumentVersion="4")[
            :2
        ] == (
            "AutomationDefinitionVersionNotFoundException",
            "An Automation runbook with the specified name and version couldn't be found.",
        )
        assert error(aws, "ssm", "get_document", Name="Test", DocumentVersion="4")[:2] == (
            "InvalidDocumentVersion", "The document version is not valid or does not exist.",
        )  # fmt: skip


def test_an_update_is_checked_too() -> None:
    with account() as aws:
        create(aws, document(api("One")))
        content = json.dumps(document(api("One", nextStep="Gone")))
        found = error(aws, "ssm", "update_document", Name="Test", Content=content, DocumentVersion="$LATEST")

    assert found[:2] == (
        "InvalidDocumentContent", f"{NOT_VALID}nextStep of step One names Gone, which does not exist.",
    )  # fmt: skip


def test_documents_of_another_type_are_left_to_moto() -> None:
    content = {"schemaVersion": "2.2", "description": "d", "mainSteps": []}
    with account() as aws:
        ask(aws, "ssm", CREATE, Name="Command", DocumentType="Command", Content=json.dumps(content))
        assert error(aws, "ssm", "start_automation_execution", DocumentName="Command")[:2] == (
            "AutomationDefinitionNotFoundException",
            "An Automation runbook with the specified name couldn't be found.",
        )


def test_a_document_that_is_deleted_cannot_be_started() -> None:
    with account() as aws:
        create(aws, document(api("One")))
        listed = ask(aws, "ssm", "list_documents")["DocumentIdentifiers"]
        ask(aws, "ssm", "delete_document", Name="Test")
        assert error(aws, "ssm", "start_automation_execution", DocumentName="Test")[0] == (
            "AutomationDefinitionNotFoundException"
        )
    assert [(found["Name"], found["PlatformTypes"]) for found in listed] == [
        ("Test", ["Windows", "Linux", "MacOS"])
    ]


ZIPPED = io.BytesIO()
with zipfile.ZipFile(ZIPPED, "w") as packed:
    packed.writestr(
        "steps.py", "from inner import word\n\ndef tell(events, context):\n    return {'word': word}\n"
    )
    packed.writestr("inner/__init__.py", "word = 'from the zip'\n")
STEPS = ZIPPED.getvalue()
CHECKSUM = hashlib.sha256(STEPS).hexdigest()
INPUTS = {"Runtime": "python3.11", "Handler": "steps.tell", "Attachment": "steps.zip"}
ATTACHED = document(
    {"name": "Tell", "action": "aws:executeScript", "inputs": INPUTS},
    assumeRole=ROLE,
    files={"steps.zip": {"checksums": {"sha256": CHECKSUM}}},
    outputs=["Tell.Payload"],
)


def attached(
    aws: EmbeddedAws, content: Json = ATTACHED, key: str = "S3FileUrl", value: str = "s3://code/a/steps.zip"
) -> Json:
    ask(aws, "s3", "create_bucket", Bucket="code")
    ask(aws, "s3", "put_object", Bucket="code", Key="a/steps.zip", Body=STEPS)
    return {
        "Name": "Test",
        "DocumentType": "Automation",
        "Content": json.dumps(content),
        "Attachments": [{"Key": key, "Name": "steps.zip", "Values": [value]}],
    }


@pytest.mark.parametrize(
    ("key", "value"), [("S3FileUrl", "s3://code/a/steps.zip"), ("SourceUrl", "s3://code/a")]
)
def test_an_attachment_is_fetched_kept_and_run(key: str, value: str) -> None:
    with account() as aws:
        made = ask(aws, "ssm", CREATE, **attached(aws, key=key, value=value))["DocumentDescription"]
        ask(aws, "s3", "delete_object", Bucket="code", Key="a/steps.zip")
        described = ask(aws, "ssm", "describe_document", Name="Test")["Document"]
        read = ask(aws, "ssm", "get_document", Name="Test")["AttachmentsContent"]
        record = ended(aws, begin(aws))

    assert made["AttachmentsInformation"] == described["AttachmentsInformation"] == [{"Name": "steps.zip"}]
    assert read == [{"Name": "steps.zip", "Size": len(STEPS), "Hash": CHECKSUM, "HashType": "Sha256"}]
    assert record["Outputs"] == {"Tell.Payload": ['{"word": "from the zip"}']}


def wrong(content: Json, **more: str) -> tuple[str, str]:
    with account() as aws:
        return error(aws, "ssm", CREATE, **attached(aws, content, **more))[:2]


def test_an_attachment_that_is_not_what_the_document_says_is_refused() -> None:
    stated = {"steps.zip": {"checksums": {"sha256": "0" * 64}}}
    assert wrong(ATTACHED | {"files": stated}) == (
        "InvalidDocumentContent",
        f"The attachments of the document are not valid: steps.zip has the SHA-256 checksum {CHECKSUM}, not {'0' * 64}.",
    )


def test_an_attachment_that_is_not_in_s3_is_refused() -> None:
    assert wrong(ATTACHED, value="s3://code/b/steps.zip") == (
        "InvalidDocumentContent",
        "The attachments of the document are not valid: s3://code/b/steps.zip cannot be read: An error occurred "
        "(NoSuchKey) when calling the GetObject operation: The specified key does not exist..",
    )


def test_a_file_that_is_not_attached_is_refused() -> None:
    assert refusal(ATTACHED) == (
        "InvalidDocumentContent",
        "The attachments of the document are not valid: steps.zip is in files but was not attached.",
    )
