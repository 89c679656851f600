"""The nodes that matter: those of the pods asked about, or all where a pod could still go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from runbook.evidence.ebs import DRIVER
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.objects import METADATA_FIELDS, created, moment, reference, seen, something
from runbook.evidence.pods import Pod
from runbook.model import NotApplicable, Resource, Seen, Unavailable
from runbook.ports.kubernetes import Body, Kubernetes
from runbook.registry import evidence

#: So many nodes are read one by one; for more a list is the smaller question.
MOST = 5
NODE_FIELDS = (
    *METADATA_FIELDS,
    "metadata.labels",
    "spec.providerID",
    "spec.unschedulable",
    "spec.taints",
    "status.conditions",
    "status.volumesAttached.name",
)
_CSI_FIELDS = (*METADATA_FIELDS, "spec.drivers.name", "spec.drivers.allocatable")
_ATTACHED = f"kubernetes.io/csi/{DRIVER}^"
_ZONE = "topology.kubernetes.io/zone"
_COMPUTE = "eks.amazonaws.com/compute-type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node; one that does not exist has `resource.exists` False and no more."""

    resource: Resource
    ready: bool = False
    reason: str = ""
    """Why it is not ready: condition Ready's reason and message, and since when."""
    message: str = ""
    since: datetime | None = None
    created: datetime | None = None
    zone: str = ""
    instance: str = ""
    """The EC2 instance id in its providerID."""
    cordoned: bool = False
    taints: tuple[tuple[str, str, str], ...] = ()
    """Key, value and effect of those that keep pods away."""
    labels: tuple[tuple[str, str], ...] = ()
    attached: tuple[str, ...] = ()
    """Handles of the EBS volumes that Kubernetes has attached to it."""

    @property
    def self_managed(self) -> bool:
        """Whether the self-managed driver serves it: not Auto Mode, Fargate or hybrid nodes."""
        return dict(self.labels).get(_COMPUTE, "ec2") not in ("auto", "fargate", "hybrid")

    def keeps_away(self, pod: Pod) -> tuple[str, str, str] | None:
        """A taint that the pod does not tolerate."""
        return next((taint for taint in self.taints if not _tolerated(taint, pod)), None)

    def selected_by(self, pod: Pod) -> bool:
        """Whether its labels satisfy the pod's nodeSelector."""
        return set(pod.node_selector) <= set(self.labels)

    def usable(self, pod: Pod) -> bool:
        """Whether nothing on the node itself keeps the pod from it."""
        return self.ready and not self.cordoned and self.selected_by(pod) and not self.keeps_away(pod)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsiNode:
    """What the kubelet of a node has registered of the EBS driver; `limit` None: no limit is known."""

    resource: Resource
    registered: bool = False
    limit: int | None = None


@evidence("k8s:get nodes", "k8s:list nodes")
async def pod_nodes(kubernetes: Kubernetes, asked: Asked, claims: Seen[Claim] | Unavailable) -> Seen[Node]:
    """The nodes of the pods asked about, and those chosen for claims without volume; absent ones too."""
    names = node_names(asked, claims)
    if len(names) <= MOST:
        return await seen(node(kubernetes, name) for name in names)
    listing = await kubernetes.list("nodes", fields=NODE_FIELDS)
    found = {body["metadata"]["name"]: read_node(body) for body in listing.whole()}
    return Seen(tuple(found.get(name) or absent_node(name) for name in names))


def served(nodes: Seen[Node]) -> Seen[Node]:
    """Those that the self-managed driver serves. Raises NotApplicable when there is none."""
    something(nodes, "no pod asked about is on a node")
    ours = tuple(node for node in nodes if node.resource.exists and node.self_managed)
    return something(Seen(ours, nodes.gaps), "no node of the pods asked about is served by this driver")


def node_names(asked: Asked, claims: Seen[Claim] | Unavailable) -> list[str]:
    """The nodes that the pods asked about are on, or for which their claims are to be made; sorted."""
    on = {pod.node for pod in asked.pods if pod.node}
    if isinstance(claims, Unavailable):
        return sorted(on)
    used = {(pod.resource.namespace, name) for pod in asked.pods for name in pod.claims}
    wanted = {c.selected_node for c in claims if c.waits and (c.resource.namespace, c.resource.name) in used}
    return sorted(on | wanted - {""})


async def node(kubernetes: Kubernetes, name: str) -> Node:
    """One node by its name, absent or present."""
    body = await kubernetes.get("nodes", name, fields=NODE_FIELDS)
    return read_node(body) if body else absent_node(name)


def absent_node(name: str) -> Node:
    """A node that is only referred to."""
    return Node(resource=Resource(kind="Node", name=name, exists=False))


@evidence("k8s:get csinodes", "k8s:list csinodes")
async def pod_csi_nodes(
    kubernetes: Kubernetes, asked: Asked, claims: Seen[Claim] | Unavailable
) -> Seen[CsiNode]:
    """The CSINodes of the same nodes, absent ones among them."""
    names = node_names(asked, claims)
    if len(names) <= MOST:
        return await seen(_csi_node(kubernetes, name) for name in names)
    listing = await kubernetes.list("csinodes", fields=_CSI_FIELDS)
    found = {body["metadata"]["name"]: _read_csi_node(body) for body in listing.whole()}
    return Seen(tuple(found.get(name) or _absent_csi_node(name) for name in names))


async def _csi_node(kubernetes: Kubernetes, name: str) -> CsiNode:
    body = await kubernetes.get("csinodes", name, fields=_CSI_FIELDS)
    return _read_csi_node(body) if body else _absent_csi_node(name)


def _absent_csi_node(name: str) -> CsiNode:
    return CsiNode(resource=Resource(kind="CSINode", name=name, exists=False))


@evidence()
async def unscheduled(asked: Asked) -> tuple[Pod, ...]:
    """The pods asked about that no node was found for. Raises NotApplicable without any."""
    if not asked.pods:
        raise NotApplicable("there is no pod to place")
    pods = tuple(pod for pod in asked.pods if not pod.node and pod.phase == "Pending")
    if not pods:
        raise NotApplicable("every pod asked about has its node")
    return pods


@evidence("k8s:list nodes")
async def all_nodes(kubernetes: Kubernetes, unscheduled: tuple[Pod, ...]) -> tuple[Node, ...]:
    """All nodes of the cluster, where a pod looks for one. Raises Unavailable when the list was cut."""
    listing = await kubernetes.list("nodes", fields=NODE_FIELDS)
    return tuple(read_node(body) for body in listing.whole())


@evidence("k8s:list csinodes")
async def all_csi_nodes(kubernetes: Kubernetes, unscheduled: tuple[Pod, ...]) -> tuple[CsiNode, ...]:
    """All CSINodes of the cluster, where a pod looks for a node. Raises Unavailable when the list was cut."""
    listing = await kubernetes.list("csinodes", fields=_CSI_FIELDS)
    return tuple(_read_csi_node(body) for body in listing.whole())


def read_node(body: Body) -> Node:
    """Read a node that was asked for with NODE_FIELDS."""
    spec, status, labels = body.get("spec", {}), body.get("status", {}), body["metadata"].get("labels", {})
    ready: Body = next((c for c in status.get("conditions", ()) if c["type"] == "Ready"), {})
    return Node(
        resource=reference("Node", body),
        ready=ready.get("status") == "True",
        reason=ready.get("reason", ""),
        message=ready.get("message", ""),
        since=moment(ready.get("lastTransitionTime")),
        created=created(body),
        zone=labels.get(_ZONE, ""),
        instance=spec.get("providerID", "").rpartition("/")[2],
        cordoned=bool(spec.get("unschedulable")),
        taints=tuple(
            (taint["key"], taint.get("value", ""), taint["effect"])
            for taint in spec.get("taints", ())
            if taint["effect"] != "PreferNoSchedule"
        ),
        labels=tuple(sorted(labels.items())),
        attached=tuple(
            sorted(
                one["name"].removeprefix(_ATTACHED)
                for one in status.get("volumesAttached", ())
                if one["name"].startswith(_ATTACHED)
            )
        ),
    )


def _read_csi_node(body: Body) -> CsiNode:
    drivers = body.get("spec", {}).get("drivers") or ()
    ours: Body | None = next((d for d in drivers if d["name"] == DRIVER), None)
    return CsiNode(
        resource=reference("CSINode", body),
        registered=ours is not None,
        limit=(ours.get("allocatable") or {}).get("count") if ours else None,
    )


def _tolerated(taint: tuple[str, str, str], pod: Pod) -> bool:
    """As k8s.io/api/core/v1/toleration.go decides it."""
    return any(
        effect in ("", taint[2])
        and key in ("", taint[0])
        and (operator == "Exists" or (bool(key) and value == taint[1]))
        for key, operator, value, effect in pod.tolerations
    )
