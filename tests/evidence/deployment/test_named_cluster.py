from __future__ import annotations

from typing import Any

from runbook.evidence.deployment.named_cluster import NamedCluster, named_cluster
from runbook.model import Resource
from runbook.recording import Answer
from tests.given.ports import ABSENT, Table, provided

CALLS = ["eks:DescribeCluster", "eks:ListClusters"]


def ask(described: Any, listed: Any = None) -> tuple[NamedCluster, list[str]]:
    table = Table({"eks:DescribeCluster": described, "eks:ListClusters": listed})
    found: NamedCluster = provided(named_cluster, table, parameters={"EksClusterName": "shpo"})
    return found, [request.call for request in table.asked]


def test_a_cluster_that_is_there() -> None:
    there = NamedCluster(resource=Resource(kind="Cluster", name="shpo"))
    assert ask({"cluster": {"name": "shpo"}}) == (there, CALLS[:1])


def test_one_that_is_not_with_a_name_like_it() -> None:
    found, asked = ask(ABSENT, {"clusters": ["shop", "billing"]})
    assert (found.resource.exists, found.similar, asked) == (False, ("shop",), CALLS)


def test_the_list_is_only_a_help() -> None:
    found, _ = ask(ABSENT, Answer(outcome="refused", message="no"))
    assert (found.resource.exists, found.similar) == (False, ())
