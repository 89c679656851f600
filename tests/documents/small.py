"""A small document that is sound, and ways to break one thing in it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import yaml

Json = dict[str, Any]


def zipped(text: str, path: str = "steps.py") -> bytes:
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(path, text)
        return buffer.getvalue()


CODE = """
def plan(event, context): ...
def tell(event, context): ...
def alone(event): ...
async def later(event, context): ...
"""
FILES = {"steps.zip": zipped(CODE)}
SHA256 = hashlib.sha256(FILES["steps.zip"]).hexdigest()

SOUND = f"""
schemaVersion: '0.3'
description: A small document.
assumeRole: '{{{{ Role }}}}'
parameters:
  Role: {{type: 'AWS::IAM::Role::Arn', description: The role., allowedPattern: '^arn:.*$', default: '${{RoleArn}}'}}
  Cluster: {{type: String, description: The cluster., allowedPattern: '^[a-z]{{1,9}}$'}}
mainSteps:
- name: Plan
  action: aws:executeScript
  timeoutSeconds: 60
  onFailure: step:Tell
  onCancel: step:Tell
  nextStep: Choose
  inputs: &script
    Runtime: python3.11
    Handler: steps.plan
    Attachment: steps.zip
    InputPayload: {{cluster: '{{{{ Cluster }}}}'}}
  outputs:
  - {{Name: Proceed, Selector: $.Payload.proceed, Type: Boolean}}
  - {{Name: Endpoint, Selector: $.Payload.endpoint, Type: String}}
- name: Choose
  action: aws:branch
  inputs:
    Choices:
    - {{NextStep: Deploy, Variable: '{{{{ Plan.Proceed }}}}', BooleanEquals: true}}
    Default: Tell
- name: Deploy
  action: aws:createStack
  timeoutSeconds: 600
  onFailure: step:Remove
  onCancel: step:Remove
  inputs:
    StackName: small-{{{{ automation:EXECUTION_ID }}}}
    RoleARN: ${{StackRoleArn}}
    TimeoutInMinutes: 10
    Parameters: [{{ParameterKey: Endpoint, ParameterValue: '{{{{ Plan.Endpoint }}}}'}}]
    TemplateBody: |
      Parameters: {{Endpoint: {{Type: String}}}}
      Resources:
        Topic: {{Type: 'AWS::SNS::Topic', Properties: {{TopicName: !Ref Endpoint}}}}
- name: Wait
  action: aws:waitForAwsResourceProperty
  timeoutSeconds: 300
  onFailure: step:Remove
  onCancel: step:Remove
  inputs:
    Service: lambda
    Api: GetFunctionConfiguration
    FunctionName: small-{{{{ automation:EXECUTION_ID }}}}
    PropertySelector: $.State
    DesiredValues: [Active]
- name: Look
  action: aws:executeAwsApi
  timeoutSeconds: 25
  onFailure: step:Remove
  onCancel: step:Remove
  inputs:
    Service: cloudformation
    Api: describe_stacks
    StackName: '{{{{ Deploy.StackId }}}}'
  outputs:
  - {{Name: Status, Selector: '$.Stacks[0].StackStatus', Type: String}}
- name: Remove
  action: aws:executeAwsApi
  timeoutSeconds: 15
  onFailure: step:Tell
  onCancel: step:Tell
  inputs:
    Service: cloudformation
    Api: DeleteStack
    StackName: small-{{{{ automation:EXECUTION_ID }}}}
- name: Tell
  action: aws:executeScript
  timeoutSeconds: 60
  onFailure: step:Finish
  onCancel: step:Finish
  inputs: &told
    <<: *script
    Handler: steps.tell
    InputPayload: {{region: '{{{{ global:REGION }}}}'}}
  outputs:
  - {{Name: Report, Selector: $.Payload.report, Type: String}}
- name: Finish
  action: aws:executeScript
  timeoutSeconds: 10
  isEnd: true
  inputs: *told
outputs: [Tell.Report]
files: {{steps.zip: {{checksums: {{sha256: {SHA256}}}}}}}
"""

Change = Callable[[Json], object]


def sound() -> Json:
    content: Json = yaml.safe_load(SOUND)
    return content


def broken(*changes: Change) -> Json:
    """The sound document with changes."""
    content = sound()
    for change in changes:
        change(content)
    return content


def _named(content: Json, name: str) -> Json:
    return next(one for one in content["mainSteps"] if one["name"] == name)


def _changed(before: Json, after: Json) -> Json:
    """None takes a field away."""
    return {name: value for name, value in {**before, **after}.items() if value is not None}


def document(**fields: Any) -> Change:
    return lambda content: [content.update(fields), [content.pop(n) for n, v in fields.items() if v is None]]


def parameter(name: str, /, **fields: Any) -> Change:
    return lambda content: content["parameters"].update(
        {name: _changed(content["parameters"].get(name, {}), fields)}
    )


def step(name: str, /, **fields: Any) -> Change:
    def change(content: Json) -> None:
        content["mainSteps"] = [
            _changed(one, fields) if one["name"] == name else one for one in content["mainSteps"]
        ]

    return change


def inputs(name: str, /, **fields: Any) -> Change:
    return lambda content: step(name, inputs=_changed(_named(content, name)["inputs"], fields))(content)


def output(name: str, /, **fields: Any) -> Change:
    """Change a step's first output."""
    return lambda content: step(name, outputs=[_changed(_named(content, name)["outputs"][0], fields)])(
        content
    )


def without(name: str) -> Change:
    return lambda content: content["mainSteps"].remove(_named(content, name))
