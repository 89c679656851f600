"""The cluster that was named."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws, command, policy
from runbook.evidence.deployment.named_cluster import NamedCluster
from runbook.evidence.deployment.roles import role
from runbook.model import NOT_RECORDED, Deployment, Fix, Parameters, Problem, Resource, Unavailable
from runbook.registry import check
from runbook.wording import clause, names


@check(
    severity="critical",
    kind="obstacle",
    about="Cluster",
    docs="https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html",
)
def cluster_exists(
    named_cluster: NamedCluster | Unavailable, parameters: Parameters, deployment: Deployment
) -> Iterator[Problem]:
    """EKS knows the cluster, and tells the run where its API server is.

    The run works in one account and one Region. Without the cluster's address and certificate, which EKS
    gives, there is nothing that the run could ask.
    """
    if isinstance(named_cluster, Unavailable) and named_cluster.reason == NOT_RECORDED:
        raise named_cluster  # what was never asked stops nothing
    if isinstance(named_cluster, Unavailable):
        yield _untold(named_cluster, parameters["EksClusterName"], deployment)
    elif not named_cluster.resource.exists:
        yield _unknown(named_cluster, deployment)


def _untold(reason: Unavailable, name: str, deployment: Deployment) -> Problem:
    cluster = Resource(kind="Cluster", name=name)
    if not reason.grant:
        look = aws(deployment.region, "eks", "describe-cluster", "--name", name)
        return Problem(
            resource=cluster,
            summary=f"EKS did not tell about cluster {name}: {clause(reason.reason)}",
            fix=(Fix(text="See whether EKS answers now", command=look),),
        )
    automation = role(deployment.automation_role)
    return Problem(
        resource=cluster,
        summary=f"role {automation.name} may not ask EKS about cluster {name}: {clause(reason.reason)}",
        fix=(allow_to_describe(automation, name, deployment),),
    )


def allow_to_describe(automation: Resource, name: str, deployment: Deployment) -> Fix:
    """The permission that the steps' role lacks."""
    arn = f"arn:{deployment.partition}:eks:{deployment.region}:{deployment.account}:cluster/{name}"
    statement = {"Effect": "Allow", "Action": "eks:DescribeCluster", "Resource": arn}
    return Fix(
        text="Let the role describe the cluster",
        command=command(
            "aws", "iam", "put-role-policy", "--role-name", automation.name,
            "--policy-name", f"describe-{name}", "--policy-document", policy(statement),
        ),
    )  # fmt: skip


def _unknown(cluster: NamedCluster, deployment: Deployment) -> Problem:
    name, similar = cluster.resource.name, cluster.similar
    place = f"account {deployment.account} and Region {deployment.region}"
    hint = f"; there is {names(similar)}" if similar else ""
    meant = f" (perhaps {' or '.join(similar)})" if similar else ""
    listing = aws(deployment.region, "eks", "list-clusters")
    return Problem(
        resource=cluster.resource,
        summary=f"EKS knows no cluster {name} in {place}{hint}",
        fix=(
            Fix(
                text=f"Find the cluster's name{meant}; for a cluster in another Region, put that Region in "
                "and start the runbook there",
                command=listing,
            ),
        ),
    )
