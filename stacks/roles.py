"""The roles, and the policy for people: their grants are in runbook.iam."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from runbook.deployment import role_name
from runbook.iam.grants import Grant, Scope, policy
from runbook.iam.roles import Role, roles, with_key
from stacks.acknowledged import acknowledge_wildcards


def make_role(scope: Construct, purpose: str, names: Scope, *, sources: str = "") -> str:
    """Make a role; its ARN. `sources` are the ARNs on whose behalf its service may assume it."""
    found = roles()[purpose]
    grants = _grants(found, names)
    made = iam.CfnRole(
        scope,
        f"{purpose.capitalize()}Role",
        role_name=role_name(purpose, cdk.Aws.REGION),
        description=found.what,
        assume_role_policy_document=_trust(found.service, sources),
        policies=[iam.CfnRole.PolicyProperty(policy_name="runbook", policy_document=policy(grants, names))],
    )
    acknowledge_wildcards(made, grants, names)
    return made.attr_arn


def make_managed_policy(scope: Construct, purpose: str, names: Scope) -> None:
    """Make the policy for people, who attach it to whom they like."""
    found = roles()[purpose]
    grants = _grants(found, names)
    made = iam.CfnManagedPolicy(
        scope,
        f"{purpose.capitalize()}Policy",
        managed_policy_name=role_name(purpose, cdk.Aws.REGION),
        description=found.what,
        policy_document=policy(grants, names),
    )
    acknowledge_wildcards(made, grants, names)


def _grants(found: Role, names: Scope) -> tuple[Grant, ...]:
    return with_key(found) if "key" in names else found.grants


def _trust(service: str, sources: str) -> dict[str, Any]:
    """Who may assume it; with `sources`, on behalf of nothing else and of no other account."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    if sources:
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID},
            "ArnLike": {"aws:SourceArn": sources},
        }
    return {"Version": "2012-10-17", "Statement": [statement]}
