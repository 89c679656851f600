"""How to get a volume free from where it is still attached: by what keeps it there."""

from __future__ import annotations

from runbook.commands import command, kubectl
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.holders import Holder
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.ebs.regional import aws
from runbook.evidence.pods import Pod
from runbook.model import Fix, Resource, Unavailable

_RECREATE = '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'


def fix(holder: Holder, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
    """The first step that fits, the gentlest first."""
    node = holder.node
    if node is None:
        return _detach(holder, cluster)
    if not node.ready:
        return _dead_node(node, holder, cluster)
    if holder.pods and all(pod.terminating for pod in holder.pods):
        return (_delete(holder.pods[0], node),)
    if holder.rollout:
        return (_recreate(holder.rollout),)
    if holder.pods:
        return _shared(holder.pods[0])
    return _left_over(holder, cluster)


def _recreate(deployment: Resource) -> Fix:
    return Fix(
        text="Let the Deployment end the old pod before it starts the new one (a short interruption with "
        "each update, which a volume for one node needs anyway)",
        command=kubectl(deployment, "patch", "deployment", deployment.name, "-p", _RECREATE),
        destructive=True,
    )


def _delete(pod: Pod, node: Node) -> Fix:
    name = pod.resource.name
    return Fix(
        text=f"See what keeps the old pod from ending (its finalizers, its grace period, the kubelet of "
        f"{node.resource.name})",
        command=kubectl(pod.resource, "describe", "pod", name),
    )


def _shared(pod: Pod) -> tuple[Fix, ...]:
    kind, owner = pod.owner
    maker = owner.rpartition("-")[0] if kind == "ReplicaSet" else owner
    look = Fix(
        text="Two pods on two nodes cannot share this volume. See who uses it there",
        command=kubectl(pod.resource, "get", "pod", pod.resource.name, "-o", "wide"),
    )
    if kind not in ("ReplicaSet", "StatefulSet"):
        return (look,)
    maker_kind = "Deployment" if kind == "ReplicaSet" else "StatefulSet"
    return (
        look,
        Fix(
            text=f"and, if that is the one to give way, scale its {maker_kind} {maker} to 0, which ends ALL "
            "the pods of it, not this one alone",
            command=kubectl(pod.resource, "scale", maker_kind.lower(), maker, "--replicas", "0"),
            destructive=True,
        ),
    )


def _dead_node(node: Node, holder: Holder, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
    instance = node.instance or (holder.instance.resource.name if holder.instance else "INSTANCE_ID")
    look: tuple[Fix, ...] = (
        Fix(
            text="Make sure that the instance is stopped or terminated: two nodes writing to one volume "
            "destroy its data",
            command=aws(
                cluster,
                "ec2",
                "describe-instances",
                "--instance-ids",
                instance,
                "--query",
                "Reservations[].Instances[].State.Name",
                "--output",
                "text",
            ),
        ),
    )
    if holder.instance and holder.instance.state in ("stopped", "terminated"):
        look = ()
    return (
        *look,
        Fix(
            text=f"{'Only then: tell' if look else 'Tell'} Kubernetes that the node is gone, so that it ends "
            "its pods and detaches their volumes at once (else it waits six minutes or longer)",
            command=command(
                "kubectl", "taint", "nodes", node.resource.name,
                "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
            ),
            destructive=True,
        ),
    )  # fmt: skip


def _left_over(holder: Holder, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
    left = holder.attachment
    if left is None:
        return _detach(holder, cluster)
    look = Fix(
        text="See what the driver says of it",
        command=command("kubectl", "describe", "volumeattachment", left.resource.name),
    )
    drop = Fix(
        text="No pod uses it there: remove the VolumeAttachment, and the driver detaches the volume",
        command=command("kubectl", "delete", "volumeattachment", left.resource.name),
        destructive=True,
    )
    return (look, drop)


def _detach(holder: Holder, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
    handle = holder.mount.volume.handle
    return (
        Fix(
            text="Unmount it there, make sure that nothing writes to it, and detach it",
            command=aws(cluster, "ec2", "detach-volume", "--volume-id", handle),
            destructive=True,
        ),
    )
