"""The graph of an EBS volume's way to a pod: what each thing depends on, and how it looks."""

from __future__ import annotations

from datetime import datetime

from runbook.evidence.ebs.account import Addon
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.chain_driver import add_controller, add_identity, add_node_plugin
from runbook.evidence.ebs.chain_storage import add_claims, add_pods, add_storage
from runbook.evidence.ebs.claims import Claim, StorageClass, Volume
from runbook.evidence.ebs.driver import Controller, NodePlugin
from runbook.evidence.ebs.identity import DriverRole, Identity, IdentityProvider, ServiceAccount
from runbook.evidence.ebs.target import Target
from runbook.evidence.objects import Pod
from runbook.graph import Graph, GraphBuilder
from runbook.model import NotApplicable, Seen, Unavailable
from runbook.registry import evidence


@evidence()
async def ebs_graph(
    now: datetime,
    asked: Asked,
    target: Target,
    claims: Seen[Claim] | Unavailable,
    storage_classes: tuple[StorageClass, ...] | Unavailable,
    volumes: Seen[Volume] | Unavailable,
    controller: Controller | Unavailable,
    controller_pods: tuple[Pod, ...] | Unavailable | NotApplicable,
    addon: Addon | Unavailable,
    service_account: ServiceAccount | Unavailable | NotApplicable,
    identity: Identity | Unavailable | NotApplicable,
    driver_role: DriverRole | Unavailable | NotApplicable,
    identity_provider: IdentityProvider | Unavailable | NotApplicable,
    node_plugin: NodePlugin | Unavailable,
) -> Graph:
    """Everything that a check of this family speaks about, dependent before dependency."""
    build = GraphBuilder()
    add_pods(build, asked, target, now)
    add_claims(build, asked, target, claims, now)
    deployment = add_controller(build, controller, controller_pods, addon)
    known_claims = () if isinstance(claims, Unavailable) else claims.items
    known_volumes = () if isinstance(volumes, Unavailable) else volumes.items
    add_storage(build, known_claims, storage_classes, known_volumes, deployment)
    if deployment:
        add_identity(build, deployment, service_account, identity, driver_role, identity_provider)
    add_node_plugin(build, node_plugin)
    return build.build()
