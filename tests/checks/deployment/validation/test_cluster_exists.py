from __future__ import annotations

from runbook.checks.deployment.validation.cluster_exists import cluster_exists
from runbook.evidence.deployment.named_cluster import NamedCluster
from runbook.model import Problem, Resource, Unavailable
from tests.given.aftercare import commands
from tests.given.deployment import deployment

NAMED = {"EksClusterName": "shpo"}


def judge(found: NamedCluster | Unavailable) -> list[Problem]:
    return list(cluster_exists(found, NAMED, deployment()))


def unknown(*similar: str) -> NamedCluster:
    return NamedCluster(resource=Resource(kind="Cluster", name="shpo", exists=False), similar=similar)


def test_a_cluster_that_eks_knows() -> None:
    assert judge(NamedCluster(resource=Resource(kind="Cluster", name="shpo"))) == []


def test_one_that_it_does_not_know() -> None:
    (problem,) = judge(unknown())
    assert problem.summary == "EKS knows no cluster shpo in account 111122223333 and Region us-east-1"
    assert [step.text for step in problem.fix] == [
        "Find the cluster's name; for a cluster in another Region, put that Region in and start the runbook there"
    ]
    assert commands(problem) == ["aws eks list-clusters --region us-east-1"]


def test_a_misspelt_one() -> None:
    (problem,) = judge(unknown("shop", "shop2"))
    assert problem.summary == (
        "EKS knows no cluster shpo in account 111122223333 and Region us-east-1; there is shop and shop2"
    )
    assert problem.fix[0].text.startswith("Find the cluster's name (perhaps shop or shop2); ")


def test_a_role_that_may_not_ask() -> None:
    refusal = Unavailable(
        "eks:DescribeCluster answered AccessDeniedException: no.", grant="allow eks:DescribeCluster"
    )
    (problem,) = judge(refusal)
    assert problem.summary == (
        "role eks-runbook-automation-us-east-1 may not ask EKS about cluster shpo: eks:DescribeCluster answered "
        "AccessDeniedException: no"
    )
    assert commands(problem) == [
        "aws iam put-role-policy --role-name eks-runbook-automation-us-east-1 --policy-name describe-shpo "
        '--policy-document \'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": '
        '"eks:DescribeCluster", "Resource": "arn:aws:eks:us-east-1:111122223333:cluster/shpo"}]}\''
    ]


def test_an_eks_that_does_not_answer() -> None:
    (problem,) = judge(Unavailable("eks:DescribeCluster answered ServerException: try again"))
    assert problem.summary == (
        "EKS did not tell about cluster shpo: eks:DescribeCluster answered ServerException: try again"
    )
    assert commands(problem) == ["aws eks describe-cluster --region us-east-1 --name shpo"]
