"""What the driver may do as its node, where it has no identity of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.controller_nodes import Host
from runbook.evidence.ebs.identity import Identity, described
from runbook.evidence.ebs.permissions import permissions
from runbook.evidence.objects import seen
from runbook.model import NotApplicable, Resource, Seen, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRole:
    """The role of one or more of the controller's nodes, None for nodes without one."""

    resource: Resource | None
    nodes: tuple[str, ...]
    denied: tuple[str, ...] = ()
    """EC2 actions that the driver needs and the role's policies do not allow."""

    @property
    def suffices(self) -> bool:
        """Whether the driver can work with it."""
        return self.resource is not None and not self.denied


@evidence("iam:GetInstanceProfile", "iam:ListAttachedRolePolicies", "iam:SimulatePrincipalPolicy")
async def node_roles(
    aws: Aws, cluster: Cluster, identity: Identity, controller_hosts: Seen[Host] | Unavailable
) -> Seen[NodeRole]:
    """The nodes' roles and what they lack. Raises NotApplicable where the driver does not work with them."""
    if identity.mode != "none":
        raise NotApplicable(f"the driver does not use the node's role but {described(identity)}")
    if isinstance(controller_hosts, Unavailable):
        raise controller_hosts
    nodes: dict[str, list[str]] = {}
    for host in controller_hosts:
        nodes.setdefault(host.profile, []).append(host.node.resource.name)
    found = await seen(_role(aws, cluster, profile, on) for profile, on in sorted(nodes.items()))
    return Seen(found.items, (*controller_hosts.gaps, *found.gaps))


async def _role(aws: Aws, cluster: Cluster, profile: str, nodes: Iterable[str]) -> NodeRole:
    answer = None
    if profile:
        answer = await aws.call(
            "iam:GetInstanceProfile",
            InstanceProfileName=profile,
            fields=("InstanceProfile.Roles.RoleName", "InstanceProfile.Roles.Arn"),
        )
    roles = (answer or {}).get("InstanceProfile", {}).get("Roles", ())
    if not roles:
        return NodeRole(resource=None, nodes=tuple(sorted(nodes)))
    role = Resource(kind="Role", name=roles[0]["RoleName"], arn=roles[0]["Arn"])
    found = await permissions(aws, cluster, role)
    return NodeRole(resource=role, nodes=tuple(sorted(nodes)), denied=found.denied)
