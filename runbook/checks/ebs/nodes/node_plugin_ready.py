"""The node plugin where it is needed: on the nodes of the pods asked about, else on all."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import kubectl
from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.driver import NodePlugin
from runbook.evidence.ebs.logs import Log
from runbook.evidence.ebs.node_plugins import absent_plugin
from runbook.evidence.ebs.nodes import Node, served
from runbook.evidence.pods import Container, Pod
from runbook.model import Excerpt, Fix, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.wording import clause, count, names

_TELLING = ("could not retrieve", "failed to", "Failed", "panic:", "error", "Error")


@check(
    severity="high",
    kind="symptom",
    about="Pod, DaemonSet",
    covers=["EBS-N02", "EBS-N03"],
    after=["ebs.nodes.node_plugin_installed", "ebs.nodes.node_ready", "ebs.nodes.instance_running"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
)
def node_plugin_ready(
    present_node_plugin: NodePlugin,
    asked: Asked,
    pod_nodes: Seen[Node],
    plugin_pods: Seen[Pod],
    plugin_logs: Seen[Log] | Unavailable,
) -> Iterator[Problem]:
    """The node plugin is ready on the nodes of the pods, or on all where no pod is asked about.

    It mounts what the controller has attached. On a node where its pod is missing or not ready nothing is
    mounted or unmounted; what is mounted already stays so.
    """
    logs = () if isinstance(plugin_logs, Unavailable) else plugin_logs.items
    if asked.of_the_driver:
        yield from _everywhere(present_node_plugin, plugin_pods, logs)
        return
    for node in served(pod_nodes):
        here = [pod for pod in plugin_pods if pod.node == node.resource.name]
        if not here:
            yield _missing(present_node_plugin, node)
        for pod in here:
            if not pod.ready:
                yield _unready(pod, logs)


def _everywhere(plugin: NodePlugin, sick: Seen[Pod], logs: tuple[Log, ...]) -> Iterator[Problem]:
    """The DaemonSet as a whole."""
    if not plugin.desired:
        raise Unavailable(f"DaemonSet {plugin.resource.path} is for no node, so that none shows how it does")
    if plugin.ready >= plugin.desired:
        return
    told = [f"{pod.resource.name} on node {pod.node}" for pod in sick]
    worst = next((pod for log in logs for pod in sick if pod.resource == log.pod.resource), None)
    worst = worst or next(iter(sick), None)
    ready = f"ready on {plugin.ready} of {count(plugin.desired, 'node')}"
    yield Problem(
        resource=plugin.resource,
        summary=f"DaemonSet {plugin.resource.path} is {ready}" + (f", not so {names(told)}" if told else ""),
        brief="ready on no node" if not plugin.ready else "not ready on every node",
        facts=tuple(
            f"Node plugin {pod.resource.path} on node {pod.node}: {_states(pod)}" for pod in [*sick][:5]
        ),
        evidence=tuple(_telling(worst, logs)) if worst else (),
        fix=(_read(worst) if worst else _describe(plugin),),
    )


def _missing(plugin: NodePlugin, node: Node) -> Problem:
    taints = [f"{key}:{effect}" for key, _, effect in node.taints]
    return Problem(
        resource=absent_plugin(plugin, node.resource),
        summary=f"DaemonSet {plugin.resource.path} has no pod on node {node.resource.name}",
        brief="does not exist",
        facts=(f"Taints of the node: {', '.join(taints)}",) if taints else (),
        fix=(_describe(plugin),),
    )


def _unready(pod: Pod, logs: tuple[Log, ...]) -> Problem:
    told = _states(pod)
    return Problem(
        resource=pod.resource,
        summary=f"node plugin {pod.resource.path} on node {pod.node} is not ready"
        + (f" ({told})" if told else ""),
        brief=f"not ready: {told}" if told else "not ready",
        evidence=tuple(_telling(pod, logs)),
        fix=(_read(pod),),
    )


def _telling(pod: Pod, logs: tuple[Log, ...]) -> Iterator[Excerpt]:
    for log in logs:
        if log.pod.resource == pod.resource and (line := log.last(*_TELLING)):
            yield log.quote(line)


def _describe(plugin: NodePlugin) -> Fix:
    return Fix(
        text="Compare the DaemonSet's nodeSelector, affinity and tolerations with the node",
        command=kubectl(plugin.resource, "describe", "daemonset", plugin.resource.name),
    )


def _read(pod: Pod) -> Fix:
    worst = max((c for c in pod.containers if not c.ready), key=lambda c: c.restarts, default=None)
    words = (
        ("-c", worst.name, *(("--previous",) if worst.restarts else ())) if worst else ("--all-containers",)
    )
    return Fix(text="Read what it wrote", command=kubectl(pod.resource, "logs", pod.resource.name, *words))


def _states(pod: Pod) -> str:
    """What keeps its containers from being ready."""
    return ", ".join(_state(c) for c in pod.containers if not c.ready) or clause(pod.unschedulable)


def _state(container: Container) -> str:
    state = container.waiting or container.exit_reason or "not ready"
    restarts = f" after {container.restarts} restarts" if container.restarts else ""
    said = f": {clause(container.waiting_message)}" if container.waiting_message and not restarts else ""
    return f"{container.name} {state}{restarts}{said}"
