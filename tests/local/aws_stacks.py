"""Stacks for the tests of the embedded CloudFormation: made, waited for, and told."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import Json, ask

CODE_BUCKET = "code-111122223333"


def parameter(value: Any = "one", **more: Any) -> Json:
    """The simplest resource there is."""
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}, **more}


def template(resources: Json, **sections: Any) -> str:
    return json.dumps({"Resources": resources, **sections})


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), text)
    return packed.getvalue()


def role(aws: EmbeddedAws, name: str, service: str, *allowed: str) -> str:
    """A role that a service may assume, with leave to do what is named; its ARN."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    made = ask(aws, "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    if allowed:
        grant = {"Effect": "Allow", "Action": list(allowed), "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [grant]})
        ask(aws, "iam", "put_role_policy", RoleName=name, PolicyName="may", PolicyDocument=policy)
    return str(made["Role"]["Arn"])


def settled(aws: EmbeddedAws, stack: str) -> Json:
    """The stack once nothing is going on in it any more."""
    until = time.monotonic() + 20
    while True:
        found: Json = ask(aws, "cloudformation", "describe_stacks", StackName=stack)["Stacks"][0]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return found
        assert time.monotonic() < until, found["StackStatus"]
        time.sleep(0.02)


def created(aws: EmbeddedAws, name: str, body: str, **more: Any) -> Json:
    ask(aws, "cloudformation", "create_stack", StackName=name, TemplateBody=body, **more)
    return settled(aws, name)


def updated(aws: EmbeddedAws, name: str, body: str, **more: Any) -> Json:
    ask(aws, "cloudformation", "update_stack", StackName=name, TemplateBody=body, **more)
    return settled(aws, name)


def deleted(aws: EmbeddedAws, stack_id: str, **more: Any) -> Json:
    ask(aws, "cloudformation", "delete_stack", StackName=stack_id, **more)
    return settled(aws, stack_id)


def history(aws: EmbeddedAws, stack: str) -> list[tuple[str, str, str]]:
    """Logical id, status and reason of every event, oldest first."""
    events = ask(aws, "cloudformation", "describe_stack_events", StackName=stack)["StackEvents"]
    return [
        (one["LogicalResourceId"], one["ResourceStatus"], one.get("ResourceStatusReason", ""))
        for one in reversed(events)
    ]


def physical(aws: EmbeddedAws, stack: str, logical: str) -> str:
    found = ask(aws, "cloudformation", "describe_stack_resource", StackName=stack, LogicalResourceId=logical)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])
