from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.deployment.compute import Compute, compute
from runbook.model import NotApplicable
from tests.given.deployment import cluster
from tests.given.deployment import compute as given
from tests.given.ports import Table, provided

ONE = {"Reservations": [{"Instances": [{"InstanceId": "i-1"}]}]}
PARAMETERS = {"EbsCsiControllerNamespace": "kube-system"}


def ask(*selectors: dict[str, Any], groups: Any = (), instances: Any = None) -> tuple[Compute, list[str]]:
    table = Table(
        {
            "eks:ListFargateProfiles": {"fargateProfileNames": ["system"] if selectors else []},
            "eks:DescribeFargateProfile": {"fargateProfile": {"selectors": [*selectors]}},
            "eks:ListNodegroups": {"nodegroups": [*groups]},
            "ec2:DescribeInstances": instances or {"Reservations": []},
        }
    )
    found = provided(compute, table, cluster=cluster(), parameters=PARAMETERS)
    return found, [request.call for request in table.asked]


def test_without_fargate_nothing_more_is_asked() -> None:
    assert ask() == (given(), ["eks:ListFargateProfiles"])


@pytest.mark.parametrize(
    "selector",
    [
        {"namespace": "kube-system"},
        {"namespace": "kube-*"},
        {"namespace": "kube-system", "labels": {"app": "ebs-csi-controller"}},
    ],
)
def test_a_profile_that_takes_the_driver(selector: dict[str, Any]) -> None:
    found, _ = ask({"namespace": "shop"}, selector)
    assert found == given(profiles=("system",), has_nodes=False)


@pytest.mark.parametrize(
    "selector", [{"namespace": "shop"}, {"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}]
)
def test_profiles_for_something_else(selector: dict[str, Any]) -> None:
    found, asked = ask(selector)
    assert (found, asked) == (given(), ["eks:ListFargateProfiles", "eks:DescribeFargateProfile"])


@pytest.mark.parametrize("nodes", [{"groups": ["workers"]}, {"instances": ONE}])
def test_nodes_of_a_group_or_of_none(nodes: dict[str, Any]) -> None:
    found, _ = ask({"namespace": "kube-system"}, **nodes)
    assert found == given(profiles=("system",))


def test_auto_mode_has_nodes_of_its_own() -> None:
    with pytest.raises(NotApplicable, match="EKS Auto Mode gives the cluster its nodes"):
        provided(compute, Table({}), cluster=cluster(auto_mode_nodes=True), parameters=PARAMETERS)
