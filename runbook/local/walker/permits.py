"""Which operations a role of a CloudFormation template may make, by action alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

from runbook.local.walker.graph import Json


def permits(policies: Iterable[Json]) -> Callable[[str], bool]:
    """`allowed` for the walker, from IAM policy documents.

    An action is allowed if some statement allows it on some resource and none denies it on all of them
    without a condition: which resources and conditions fit shows only in a run.
    """
    statements = [one for policy in policies for one in _listed(policy["Statement"])]
    allowing = [one for one in statements if one["Effect"] == "Allow"]
    denying = [
        one
        for one in statements
        if one["Effect"] == "Deny" and "*" in _listed(one.get("Resource")) and "Condition" not in one
    ]

    def allowed(action: str) -> bool:
        return any(_names(one, action) for one in allowing) and not any(
            _names(one, action) for one in denying
        )

    return allowed


def role_policies(template: Json, name: str) -> list[Json]:
    """The policy documents of the role whose RoleName holds a text: its own and those attached to it."""
    resources = template["Resources"]
    [(key, role)] = [
        (key, one["Properties"])
        for key, one in resources.items()
        if one["Type"] == "AWS::IAM::Role" and name in json.dumps(one["Properties"].get("RoleName"))
    ]
    managed = [one["Ref"] for one in role.get("ManagedPolicyArns", []) if "Ref" in one]
    attached = [
        one["Properties"]["PolicyDocument"]
        for policy, one in resources.items()
        if policy in managed or {"Ref": key} in one.get("Properties", {}).get("Roles", [])
    ]
    return [*(one["PolicyDocument"] for one in role.get("Policies", [])), *attached]


def _names(statement: Json, action: str) -> bool:
    negated = "NotAction" in statement
    patterns = _listed(statement["NotAction" if negated else "Action"])
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns) != negated


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
