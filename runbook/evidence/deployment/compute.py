"""On what a cluster's pods run, as far as AWS alone tells: EC2 nodes, Fargate, or Auto Mode."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from runbook.evidence.ebs.account import Cluster
from runbook.model import NotApplicable, Parameters
from runbook.ports.aws import Aws
from runbook.registry import evidence

#: Labels of the controller's pods, as chart and add-on set them.
_CONTROLLER_LABELS = {"app": "ebs-csi-controller", "app.kubernetes.io/name": "aws-ebs-csi-driver"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """The Fargate profiles that take the driver's controller, and whether the cluster has EC2 nodes."""

    namespace: str
    profiles: tuple[str, ...] = ()
    has_nodes: bool = True
    """Not asked, and taken for granted, where no profile takes the driver."""


@evidence(
    "eks:ListFargateProfiles", "eks:DescribeFargateProfile", "eks:ListNodegroups", "ec2:DescribeInstances"
)
async def compute(aws: Aws, cluster: Cluster, parameters: Parameters) -> Compute:
    """Where the driver's controller would run. Raises NotApplicable in Auto Mode."""
    if cluster.auto_mode_nodes:
        raise NotApplicable("EKS Auto Mode gives the cluster its nodes")
    namespace = parameters["EbsCsiControllerNamespace"]
    answer = await aws.call(
        "eks:ListFargateProfiles", clusterName=cluster.name, fields=("fargateProfileNames",)
    )
    names = (answer or {}).get("fargateProfileNames", [])
    taken = await asyncio.gather(*(_takes(aws, cluster, name, namespace) for name in names))
    profiles = tuple(name for name, takes in zip(names, taken, strict=True) if takes)
    return Compute(
        namespace=namespace,
        profiles=profiles,
        has_nodes=not profiles or await _has_groups(aws, cluster) or await _has_instances(aws, cluster),
    )


async def _takes(aws: Aws, cluster: Cluster, name: str, namespace: str) -> bool:
    answer = await aws.call(
        "eks:DescribeFargateProfile",
        clusterName=cluster.name,
        fargateProfileName=name,
        fields=("fargateProfile.selectors",),
    )
    selectors = (answer or {}).get("fargateProfile", {}).get("selectors", [])
    return any(_matches(selector, namespace) for selector in selectors)


def _matches(selector: dict[str, Any], namespace: str) -> bool:
    """Fargate's own rule: the namespace and all labels, with * and ? as wildcards."""
    labels = selector.get("labels", {})
    return fnmatchcase(namespace, selector.get("namespace", "")) and all(
        name in _CONTROLLER_LABELS and fnmatchcase(_CONTROLLER_LABELS[name], value)
        for name, value in labels.items()
    )


async def _has_groups(aws: Aws, cluster: Cluster) -> bool:
    answer = await aws.call("eks:ListNodegroups", clusterName=cluster.name, fields=("nodegroups",))
    return bool((answer or {}).get("nodegroups"))


async def _has_instances(aws: Aws, cluster: Cluster) -> bool:
    """Nodes of no group: self-managed ones and Karpenter's have the tag by which they join."""
    answer = await aws.call(
        "ec2:DescribeInstances",
        Filters=[
            {"Name": "tag-key", "Values": [f"kubernetes.io/cluster/{cluster.name}"]},
            {"Name": "instance-state-name", "Values": ["pending", "running"]},
        ],
        fields=("Reservations.Instances.InstanceId",),
    )
    return any(one.get("Instances") for one in (answer or {}).get("Reservations", ()))
