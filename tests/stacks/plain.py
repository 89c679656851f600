"""The committed template with its functions worked out, as a deployment would."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

COMMITTED = Path(__file__).parents[2] / "runbook" / "local" / "EksRunbooks.template.json"
ACCOUNT, REGION = "111122223333", "us-east-1"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


def committed() -> dict[str, Any]:
    """The template as it is committed."""
    found: dict[str, Any] = json.loads(COMMITTED.read_text(encoding="utf-8"))
    return found


def plain(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Its resources by their logical ids, with plain values."""
    return {name: _plain(one, template["Resources"]) for name, one in template["Resources"].items()}


def of_type(resources: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The properties of all resources of a type."""
    return [one["Properties"] for one in resources.values() if one["Type"] == kind]


def role(resources: dict[str, dict[str, Any]], purpose: str) -> dict[str, Any]:
    """The properties of a role."""
    name = f"eks-runbook-{purpose}-{REGION}"
    return next(one for one in of_type(resources, "AWS::IAM::Role") if one["RoleName"] == name)


def statements(properties: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The statements of a role's or a managed policy's document by their Sids."""
    if "PolicyDocument" in properties:
        return {one["Sid"]: one for one in properties["PolicyDocument"]["Statement"]}
    [policy] = properties["Policies"]
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


def _plain(value: Any, resources: dict[str, Any]) -> Any:
    match value:
        case {"Ref": str(name)}:
            return PSEUDO.get(name) or _name(name, resources)
        case {"Fn::GetAtt": [name, "Arn"]}:
            return _arn(name, resources)
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(_plain(part, resources) for part in parts)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)\}", lambda match: PSEUDO[match[1]], text)
        case dict():
            return {key: _plain(one, resources) for key, one in value.items()}
        case list():
            return [_plain(one, resources) for one in value]
    return value


def _name(logical: str, resources: dict[str, Any]) -> Any:
    properties = resources[logical]["Properties"]
    named = next(
        (properties[key] for key in ("RoleName", "BucketName", "Name") if key in properties), logical
    )
    return _plain(named, resources)


def _arn(logical: str, resources: dict[str, Any]) -> str:
    name = _name(logical, resources)
    match resources[logical]["Type"]:
        case "AWS::IAM::Role":
            return f"arn:aws:iam::{ACCOUNT}:role/{name}"
        case "AWS::S3::Bucket":
            return f"arn:aws:s3:::{name}"
        case "AWS::SQS::Queue":
            return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    raise LookupError(f"{logical}: no ARN known for its type")
