from __future__ import annotations

import pytest

from runbook.checks.ebs.nodes.instance_running import instance_running
from runbook.evidence.ebs.ec2 import Instance
from runbook.model import NotApplicable, Problem, Resource, Seen
from tests.given.account import cluster
from tests.given.aftercare import commands
from tests.given.nodes import INSTANCE, instance, node


def problems(found: Instance) -> list[Problem]:
    return list(instance_running(Seen((node(),)), {INSTANCE: found}, cluster()))


def test_a_running_instance_is_well() -> None:
    assert problems(instance()) == []


def test_a_node_without_an_instance_of_ec2() -> None:
    with pytest.raises(NotApplicable, match="no node of the pods asked about is known to be an EC2 instance"):
        list(instance_running(Seen((node(instance="fargate-1"),)), {}, cluster()))


def test_a_stopped_instance() -> None:
    (problem,) = problems(instance(state="stopped"))
    assert problem.summary == "EC2 instance i-0aaaa1111bbbb2222 of node node-a is stopped"
    assert commands(problem) == [
        "aws ec2 start-instances --region us-east-1 --instance-ids i-0aaaa1111bbbb2222",
        "kubectl delete node node-a",
        "kubectl get node node-a",
    ]


def test_an_instance_that_is_gone() -> None:
    (problem,) = problems(Instance(resource=Resource(kind="Instance", name=INSTANCE, exists=False)))
    assert problem.summary == "EC2 instance i-0aaaa1111bbbb2222 of node node-a does not exist any more"
    assert commands(problem) == ["kubectl delete node node-a"]
