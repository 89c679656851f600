from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.deployment.access_entry import AccessEntry, access_entry
from runbook.model import NotApplicable
from tests.given.deployment import AUTOMATION, cluster, deployment, entry
from tests.given.ports import ABSENT, Table, provided

POLICY = "arn:aws:eks::aws:cluster-access-policy/"
ALL = {"policyArn": f"{POLICY}AmazonEKSAdminViewPolicy", "accessScope": {"type": "cluster"}}
SOME = {"policyArn": f"{POLICY}AmazonEKSViewPolicy", "accessScope": {"type": "namespace"}}


def ask(table: Table, mode: str = "API") -> AccessEntry:
    found: AccessEntry = provided(
        access_entry, table, cluster=cluster(authentication_mode=mode), deployment=deployment()
    )
    return found


def answers(described: Any, *policies: dict[str, Any]) -> Table:
    return Table(
        {
            "eks:DescribeAccessEntry": described,
            "eks:ListAssociatedAccessPolicies": {"associatedAccessPolicies": [*policies]},
        }
    )


def test_groups_and_policies_by_their_scope() -> None:
    table = answers({"accessEntry": {"kubernetesGroups": ["eks-runbook-readers"]}}, ALL, SOME)
    assert ask(table) == entry(policies=("AmazonEKSAdminViewPolicy",), narrow=("AmazonEKSViewPolicy",))
    assert [request.parameters for request in table.asked] == [
        {"clusterName": "shop", "principalArn": AUTOMATION}
    ] * 2


def test_no_entry() -> None:
    found = ask(answers(ABSENT))
    assert (found.resource.exists, found.groups, found.policies) == (False, (), ())


def test_nothing_is_asked_where_eks_would_refuse() -> None:
    table = answers(ABSENT)
    with pytest.raises(
        NotApplicable, match="cluster shop has no access entries in authentication mode CONFIG_MAP"
    ):
        ask(table, "CONFIG_MAP")
    assert table.asked == []
