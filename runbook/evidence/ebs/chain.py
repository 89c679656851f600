"""The graph of an EBS volume's way to a pod: what each thing depends on, and how it looks."""

from __future__ import annotations

from datetime import datetime

from runbook.evidence.ebs.account import Addon
from runbook.evidence.ebs.admission import Refusal
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.attachments import Attachment, mounts
from runbook.evidence.ebs.chain_driver import add_controller, add_identity, add_node_plugin
from runbook.evidence.ebs.chain_network import add_network
from runbook.evidence.ebs.chain_nodes import (
    add_attachments,
    add_holders,
    add_nodes,
    add_plugins,
    add_refusals,
    add_zones,
)
from runbook.evidence.ebs.chain_storage import add_claims, add_pods, add_storage
from runbook.evidence.ebs.claims import Claim, StorageClass, Volume
from runbook.evidence.ebs.controller_nodes import Host
from runbook.evidence.ebs.driver import Controller, NodePlugin
from runbook.evidence.ebs.driver_role import DriverRole, IdentityProvider
from runbook.evidence.ebs.ec2 import EbsVolume, Instance
from runbook.evidence.ebs.holders import Holder
from runbook.evidence.ebs.identity import Identity, ServiceAccount
from runbook.evidence.ebs.network import Endpoint, Subnet
from runbook.evidence.ebs.nodes import CsiNode, Node
from runbook.evidence.ebs.permissions import Permissions
from runbook.evidence.ebs.target import Target
from runbook.evidence.pods import Pod
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
    driver_permissions: Permissions | Unavailable | NotApplicable,
    controller_nodes: Seen[Node] | Unavailable | NotApplicable,
    controller_hosts: Seen[Host] | Unavailable | NotApplicable,
    controller_subnets: Seen[Subnet] | Unavailable | NotApplicable,
    vpc_endpoints: tuple[Endpoint, ...] | Unavailable | NotApplicable,
    node_plugin: NodePlugin | Unavailable,
    pod_nodes: Seen[Node] | Unavailable,
    pod_csi_nodes: Seen[CsiNode] | Unavailable,
    plugin_pods: Seen[Pod] | Unavailable | NotApplicable,
    instances: dict[str, Instance] | Unavailable,
    ebs_volumes: Seen[EbsVolume] | Unavailable,
    attachments: Seen[Attachment] | Unavailable,
    holders: Seen[Holder] | Unavailable,
    unscheduled: tuple[Pod, ...] | Unavailable | NotApplicable,
    all_nodes: tuple[Node, ...] | Unavailable | NotApplicable,
    refusals: Seen[Refusal] | Unavailable | NotApplicable,
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
        add_identity(
            build, deployment, service_account, identity, driver_role, identity_provider, driver_permissions
        )
        add_network(build, deployment, controller_nodes, controller_hosts, controller_subnets, vpc_endpoints)
    add_nodes(build, asked.pods, pod_nodes, pod_csi_nodes, instances)
    add_node_plugin(build, node_plugin)
    add_plugins(build, node_plugin, pod_csi_nodes, plugin_pods)
    used = mounts(asked, known_claims, known_volumes)
    add_attachments(build, used, ebs_volumes, attachments, deployment)
    add_holders(build, holders, deployment)
    add_zones(build, used, unscheduled, all_nodes)
    add_refusals(build, refusals)
    return build.build()
