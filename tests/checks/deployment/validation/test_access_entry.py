from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runbook.checks.deployment.validation.access_entry import access_entry
from runbook.model import Problem, Unavailable
from tests.given.aftercare import commands
from tests.given.deployment import AUTOMATION, cluster, entry

NAMED = f"--region us-east-1 --cluster-name shop --principal-arn {AUTOMATION}"
ROLE = "kubectl apply -f docs/cluster-role.yaml"
SHOW = f"aws eks describe-access-entry {NAMED} --query accessEntry.kubernetesGroups --output text"


def judge(**changes: Any) -> list[Problem]:
    return list(access_entry(entry(**changes), cluster()))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"groups": ("others", "eks-runbook-readers")},
        {"groups": (), "policies": ("AmazonEKSAdminViewPolicy",)},
        {"groups": ("others",), "policies": ("AmazonEKSClusterAdminPolicy",)},
    ],
)
def test_entries_that_may_read(changes: dict[str, Any]) -> None:
    assert judge(**changes) == []


def test_no_entry() -> None:
    (problem,) = judge(resource=replace(entry().resource, exists=False), groups=())
    assert problem.summary == (
        "cluster shop has no access entry for role eks-runbook-automation-us-east-1, by which the run reads it"
    )
    assert problem.facts == (f"The whole name of the role: {AUTOMATION}",)
    assert commands(problem) == [
        f"aws eks create-access-entry {NAMED} --kubernetes-groups eks-runbook-readers",
        ROLE,
        SHOW,
    ]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, "neither group eks-runbook-readers nor an access policy"),
        (
            {"policies": ("AmazonEKSViewPolicy",)},
            "AmazonEKSViewPolicy alone, which shows neither nodes nor volumes",
        ),
        ({"narrow": ("AmazonEKSAdminViewPolicy",)}, "AmazonEKSAdminViewPolicy for some namespaces only"),
    ],
)
def test_an_entry_that_may_not_read(changes: dict[str, Any], names: str) -> None:
    (problem,) = judge(groups=(), **changes)
    assert problem.summary == (
        "role eks-runbook-automation-us-east-1, by which the run reads cluster shop, may enter it but not read "
        f"there: its access entry names {names}"
    )
    assert commands(problem) == [
        f"aws eks update-access-entry {NAMED} --kubernetes-groups eks-runbook-readers",
        ROLE,
        SHOW,
    ]


def test_a_group_of_ones_own_is_no_obstacle() -> None:
    with pytest.raises(
        Unavailable,
        match="the access entry of role eks-runbook-automation-us-east-1 names group platform-viewers, and what "
        "that group may read is known in the cluster alone",
    ):
        judge(groups=("platform-viewers",))
