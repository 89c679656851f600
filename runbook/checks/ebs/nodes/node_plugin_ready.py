"""EBS-N02, EBS-N03: the node plugin's pod on a node where it is needed."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.commands import kubectl
from runbook.evidence.ebs.driver import NodePlugin
from runbook.evidence.ebs.logs import Log
from runbook.evidence.ebs.node_plugins import absent_plugin
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.objects import Container, Pod, something
from runbook.model import Fix, Problem, Seen, Unavailable
from runbook.registry import check

_TELLING = ("could not retrieve", "failed to", "Failed", "panic:", "error", "Error")


@check(
    severity="high",
    kind="symptom",
    about="Pod",
    covers=["EBS-N02", "EBS-N03"],
    after=["ebs.nodes.node_plugin_installed", "ebs.nodes.node_ready", "ebs.nodes.instance_running"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
)
def node_plugin_ready(
    present_node_plugin: NodePlugin,
    pod_nodes: Seen[Node],
    plugin_pods: Seen[Pod],
    plugin_logs: Seen[Log] | Unavailable,
) -> Iterator[Problem]:
    """The node plugin is ready on the pod's node.

    It mounts what the controller has attached. On a node where its pod is missing or not ready nothing is
    mounted or unmounted; what is mounted already stays so.
    """
    logs = () if isinstance(plugin_logs, Unavailable) else plugin_logs.items
    for node in something(pod_nodes, "no pod asked about is on a node"):
        if not node.resource.exists or not node.self_managed:
            continue
        here = [pod for pod in plugin_pods if pod.node == node.resource.name]
        if not here:
            yield _missing(present_node_plugin, node)
        for pod in here:
            if not pod.ready:
                yield _unready(pod, logs)


def _missing(plugin: NodePlugin, node: Node) -> Problem:
    taints = [f"{key}:{effect}" for key, _, effect in node.taints]
    return Problem(
        resource=absent_plugin(plugin, node.resource),
        summary=f"DaemonSet {plugin.resource.path} has no pod on node {node.resource.name}",
        brief="does not exist",
        facts=(f"Taints of the node: {', '.join(taints)}",) if taints else (),
        fix=(
            Fix(
                text="Compare the DaemonSet's nodeSelector, affinity and tolerations with the node",
                command=kubectl(plugin.resource, "describe", "daemonset", plugin.resource.name),
            ),
        ),
    )


def _unready(pod: Pod, logs: tuple[Log, ...]) -> Problem:
    sick = [c for c in pod.containers if not c.ready]
    told = ", ".join(_state(c) for c in sick) or pod.unschedulable
    worst = max(sick, key=lambda c: c.restarts, default=None)
    words = (
        ("-c", worst.name, *(("--previous",) if worst.restarts else ())) if worst else ("--all-containers",)
    )
    return Problem(
        resource=pod.resource,
        summary=f"node plugin {pod.resource.path} on node {pod.node} is not ready"
        + (f" ({told})" if told else ""),
        brief=f"not ready: {told}" if told else "not ready",
        evidence=tuple(
            log.quote(line)
            for log in logs
            if log.pod.resource == pod.resource and (line := log.last(*_TELLING))
        ),
        fix=(
            Fix(text="Read what it wrote", command=kubectl(pod.resource, "logs", pod.resource.name, *words)),
        ),
    )


def _state(container: Container) -> str:
    state = container.waiting or container.exit_reason or "not ready"
    restarts = f" after {container.restarts} restarts" if container.restarts else ""
    said = f": {container.waiting_message}" if container.waiting_message and not restarts else ""
    return f"{container.name} {state}{restarts}{said}"
