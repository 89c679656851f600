"""The documents as the stack makes them: ours, with what the deployment knows put in."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from runbook.documents.render import rendered
from tests.stacks.plain import of_type

Resources = dict[str, dict[str, Any]]
ROLE = "arn:aws:iam::111122223333:role/eks-runbook-{}-us-east-1"
ASSETS = "cdk-hnb659fds-assets-111122223333-us-east-1"
VALUES = {
    "AutomationRoleArn": ROLE.format("automation"),
    "CloudFormationRoleArn": ROLE.format("cloudformation"),
    "FunctionRoleArn": ROLE.format("function"),
    "SweeperRoleArn": ROLE.format("sweeper"),
    "ReportBucket": "eks-runbook-reports-111122223333-us-east-1",
    "CodeBucket": ASSETS,
    "Architecture": "x86_64",
}


def document(resources: Resources, name: str) -> dict[str, Any]:
    return next(one for one in of_type(resources, "AWS::SSM::Document") if one["Name"] == name)


def test_every_document_is_there(resources: Resources) -> None:
    names = [one["Name"] for one in of_type(resources, "AWS::SSM::Document")]
    assert sorted(names) == sorted(rendered())


@pytest.mark.parametrize("name", rendered())
def test_a_document_is_the_rendered_one_with_every_placeholder_filled(
    resources: Resources, name: str
) -> None:
    text = json.dumps(rendered()[name])
    for placeholder, value in VALUES.items():
        text = text.replace(f"${{{placeholder}}}", value)
    found = json.dumps(document(resources, name)["Content"])
    found = re.sub(r'"[0-9a-f]{64}\.zip"', '"${FunctionKey}"', found)
    assert json.loads(found) == json.loads(text)
    assert set(re.findall(r"\$\{\w+\}", text)) <= {"${FunctionKey}"}


@pytest.mark.parametrize("name", rendered())
def test_a_document_is_updated_in_place_and_carries_the_steps(resources: Resources, name: str) -> None:
    found = document(resources, name)
    [attached] = found["Attachments"]
    assert re.fullmatch(rf"s3://{ASSETS}/[0-9a-f]{{64}}\.zip", attached["Values"].pop())
    assert attached == {"Key": "S3FileUrl", "Name": "steps.zip", "Values": []}
    assert "VersionName" not in found  # SSM takes each name once, and a content may come back
    told = ("DocumentType", "DocumentFormat", "UpdateMethod")
    assert {key: found[key] for key in told} == {
        "DocumentType": "Automation",
        "DocumentFormat": "JSON",
        "UpdateMethod": "NewVersion",
    }
