"""How the cluster knows the role by which a deployed run reads it."""

from __future__ import annotations

from dataclasses import dataclass

from runbook.evidence.ebs.account import Cluster
from runbook.model import Deployment, NotApplicable, Resource
from runbook.ports.aws import Aws
from runbook.registry import evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """The access entry of one role, whose name and ARN it has.

    `policies` are names of access policies that hold for the whole cluster.

    https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
    """

    resource: Resource
    groups: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    narrow: tuple[str, ...] = ()
    """Names of access policies that hold in some namespaces only."""


@evidence("eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies")
async def access_entry(aws: Aws, cluster: Cluster, deployment: Deployment) -> AccessEntry:
    """The entry of the automation role, present or absent."""
    if cluster.authentication_mode == "CONFIG_MAP":
        # EKS refuses the question itself in this mode.
        raise NotApplicable(f"cluster {cluster.name} has no access entries in authentication mode CONFIG_MAP")
    role = deployment.automation_role
    named = {"clusterName": cluster.name, "principalArn": role}
    found = await aws.call("eks:DescribeAccessEntry", **named, fields=("accessEntry.kubernetesGroups",))
    name = role.rpartition("/")[2]
    resource = Resource(kind="AccessEntry", name=name, arn=role, exists=found is not None)
    if found is None:
        return AccessEntry(resource=resource)
    answer = await aws.call(
        "eks:ListAssociatedAccessPolicies",
        **named,
        fields=("associatedAccessPolicies.policyArn", "associatedAccessPolicies.accessScope.type"),
    )
    policies = [
        (one["policyArn"].rpartition("/")[2], one.get("accessScope", {}).get("type"))
        for one in (answer or {}).get("associatedAccessPolicies", ())
    ]
    return AccessEntry(
        resource=resource,
        groups=tuple(found.get("accessEntry", {}).get("kubernetesGroups", ())),
        policies=tuple(name for name, scope in policies if scope == "cluster"),
        narrow=tuple(name for name, scope in policies if scope != "cluster"),
    )
