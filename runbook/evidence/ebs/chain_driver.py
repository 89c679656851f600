"""Links of the chain from the controller to its identity in AWS."""

from __future__ import annotations

from runbook.evidence.ebs.account import Addon
from runbook.evidence.ebs.driver import Controller, NodePlugin
from runbook.evidence.ebs.driver_role import DriverRole, IdentityProvider, role_named
from runbook.evidence.ebs.identity import Identity, ServiceAccount, described
from runbook.evidence.ebs.permissions import Permissions
from runbook.evidence.pods import Pod
from runbook.graph import GraphBuilder
from runbook.model import NotApplicable, Resource, Unavailable
from runbook.wording import names


def add_controller(
    build: GraphBuilder,
    controller: Controller | Unavailable,
    pods: tuple[Pod, ...] | Unavailable | NotApplicable,
    addon: Addon | Unavailable,
) -> Resource | None:
    """The Deployment, below it its add-on; returns its resource, None where it could not be read."""
    if isinstance(controller, Unavailable):
        return None
    resource = controller.resource
    if resource.exists:
        state = f"{controller.ready} of {controller.replicas} ready"
        crashing = _crashing(pods) if isinstance(pods, tuple) else ""
        build.add(resource, f"{state}; {crashing}" if crashing else state)
    else:
        build.add(resource, "does not exist")
    if not isinstance(addon, Unavailable) and addon.resource.exists:
        # Nobody suffers from an add-on that EKS cannot update while its Deployment has all replicas.
        build.add(
            addon.resource, f"{addon.status}, {addon.version}", of=None if controller.whole else resource
        )
        # The add-on makes the Deployment, and is in order only while the Deployment is.
        build.connect(addon.resource, resource)
    return resource


def _crashing(pods: tuple[Pod, ...]) -> str:
    restarts: dict[str, int] = {}
    for container in (c for pod in pods for c in pod.containers if c.crashing):
        restarts[container.name] = max(restarts.get(container.name, 0), container.restarts)
    if not restarts:
        return ""
    return f"{names(sorted(restarts))} restarted up to {max(restarts.values())} times"


def add_identity(
    build: GraphBuilder,
    controller: Resource,
    account: ServiceAccount | Unavailable | NotApplicable,
    identity: Identity | Unavailable | NotApplicable,
    role: DriverRole | Unavailable | NotApplicable,
    provider: IdentityProvider | Unavailable | NotApplicable,
    permissions: Permissions | Unavailable | NotApplicable,
) -> None:
    """ServiceAccount, role and identity provider below the controller."""
    if not isinstance(account, ServiceAccount):
        return
    says = "does not exist" if not account.resource.exists else "ok: names no role"
    if account.role_arn:
        says = f"ok: names role {account.role_arn.rpartition('/')[2]}"
    elif isinstance(identity, Identity):
        says = f"ok: the driver uses {described(identity)}"
    build.add(account.resource, says, of=controller)
    if account.role_arn:
        resource = role.resource if isinstance(role, DriverRole) else role_named(account.role_arn)
        unread = not isinstance(role, DriverRole)
        build.add(
            resource, "could not be read" if unread else _there(resource), unknown=unread, of=account.resource
        )
        if isinstance(provider, IdentityProvider):
            build.add(provider.resource, _there(provider.resource), of=resource)
    elif isinstance(identity, Identity) and identity.working_role:
        unread = not isinstance(permissions, Permissions)
        says = "could not be read" if unread else "ok: given by EKS Pod Identity"
        build.add(role_named(identity.working_role), says, unknown=unread, of=account.resource)


def add_node_plugin(build: GraphBuilder, plugin: NodePlugin | Unavailable) -> None:
    """The node plugin's DaemonSet."""
    if not isinstance(plugin, Unavailable):
        state = f"{plugin.ready} of {plugin.desired} ready" if plugin.resource.exists else "does not exist"
        build.add(plugin.resource, state)


def _there(resource: Resource) -> str:
    return "ok" if resource.exists else "does not exist"
