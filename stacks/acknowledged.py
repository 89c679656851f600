"""Findings of cdk-nag that are meant to be as they are, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from runbook.iam.grants import Grant, Scope, filled

_ALL = "AwsSolutions::AwsSolutions-"


def acknowledge_wildcards(scope: Construct, grants: Iterable[Grant], names: Scope) -> None:
    """Resources of which only a part can be named: each grant says why."""
    reasons: dict[str, list[str]] = {}
    for grant in grants:
        for resource in grant.resources:
            for one in filled(resource, names):
                reasons.setdefault(_told(cdk.Stack.of(scope).resolve(one)), []).append(grant.why)
    for resource, told in reasons.items():
        if "*" in resource:
            acknowledge(scope, f"IAM5[Resource::{resource}]", " ".join(told))


def acknowledge(scope: Construct, rule: str, reason: str) -> None:
    """One finding of a rule of AwsSolutions about one construct."""
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=_ALL + rule, reason=reason))


def _told(resource: Any) -> str:
    """An ARN as cdk-nag writes it."""
    match resource:
        case {"Fn::Join": [str(), list(parts)]}:
            return "".join(map(_told, parts))
        case {"Ref": str(name)}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Sub": str(text)}:
            return text
    return str(resource)
