"""Nodes that can hold EBS volumes."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws
from runbook.evidence.deployment.compute import Compute
from runbook.evidence.ebs.account import Addon, Cluster
from runbook.model import Fix, Problem, Unavailable
from runbook.registry import check
from runbook.wording import names


@check(
    severity="high",
    kind="obstacle",
    about="Cluster",
    covers=["EBS-NODE03"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
)
def driver_not_fargate_only(
    compute: Compute, addon: Addon | Unavailable, cluster: Cluster
) -> Iterator[Problem]:
    """The cluster has nodes other than Fargate's.

    EBS volumes are attached to EC2 instances. Pods on Fargate can have none, whatever the driver does.
    """
    if compute.has_nodes:
        return
    yield Problem(
        resource=cluster.resource,
        summary=f"cluster {cluster.name} has no EC2 node and runs the driver on Fargate (profile "
        f"{names(compute.profiles)} takes namespace {compute.namespace}), where no pod can have "
        "an EBS volume",
        facts=(
            f"It has no node group and no running instance with tag kubernetes.io/cluster/{cluster.name}.",
            *_installed(addon),
        ),
        fix=fix(cluster),
    )


def _installed(addon: Addon | Unavailable) -> tuple[str, ...]:
    if isinstance(addon, Unavailable):
        return ()
    if addon.resource.exists:
        return (f"The driver is EKS add-on {addon.resource.name} {addon.version}, {addon.status}.",)
    return ("The driver is no EKS add-on: if it is there, it came by Helm or manifests.",)


def fix(cluster: Cluster) -> tuple[Fix, ...]:
    """A node group; or storage that Fargate has."""
    group = aws(
        cluster.region, "eks", "create-nodegroup", "--cluster-name", cluster.name,
        "--nodegroup-name", "volumes", "--node-role", "NODE_ROLE_ARN", "--subnets", *cluster.subnets,
    )  # fmt: skip
    return (
        Fix(
            text="Add a node group for pods with EBS volumes (put the node role in place of NODE_ROLE_ARN); "
            "or keep the data on EFS, which pods on Fargate can mount",
            command=group,
        ),
    )
