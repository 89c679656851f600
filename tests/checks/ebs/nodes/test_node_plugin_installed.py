from __future__ import annotations

from dataclasses import replace

from runbook.checks.ebs.nodes.node_plugin_installed import node_plugin_installed
from runbook.evidence.ebs.account import Addon
from runbook.evidence.ebs.driver import NodePlugin
from runbook.model import Problem
from tests.given.account import addon, cluster, no_addon
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.nodes import DAEMON_SET, node_plugin

ABSENT = node_plugin(resource=replace(DAEMON_SET, exists=False))


def problems(plugin: NodePlugin, by: Addon) -> list[Problem]:
    return list(node_plugin_installed(plugin, by, {"EksClusterName": "shop"}, cluster(), aftercare()))


def test_a_daemon_set_is_well() -> None:
    assert problems(node_plugin(), addon()) == []


def test_an_add_on_without_its_daemon_set() -> None:
    (problem,) = problems(ABSENT, addon())
    assert problem.summary == (
        "DaemonSet kube-system/ebs-csi-node does not exist, so that no node can mount a volume"
    )
    again = (
        "aws eks update-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
        "--resolve-conflicts OVERWRITE"
    )
    assert commands(problem) == [again, VERIFY]
    assert problem.fix[0].destructive


def test_a_chart_without_its_daemon_set() -> None:
    (problem,) = problems(ABSENT, no_addon())
    again = (
        "helm upgrade --install aws-ebs-csi-driver aws-ebs-csi-driver/aws-ebs-csi-driver "
        "--namespace kube-system --reuse-values"
    )
    assert commands(problem) == [again, VERIFY]
    assert problem.fix[0].destructive
