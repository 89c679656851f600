"""The pod's node is not Ready."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.commands import command
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.objects import something
from runbook.model import Excerpt, Fix, Problem, Seen
from runbook.registry import check
from runbook.wording import clause, span


@check(
    severity="critical",
    kind="symptom",
    about="Node",
    covers=["NODE-16"],
    after=["ebs.nodes.instance_running"],
    docs="https://kubernetes.io/docs/concepts/architecture/nodes/#condition",
)
def node_ready(pod_nodes: Seen[Node], now: datetime) -> Iterator[Problem]:
    """The pod's node is Ready.

    The kubelet reports for its node. While it is silent or unwell, nothing on the node is started,
    mounted or unmounted, and its volumes stay attached to it.
    """
    for node in something(pod_nodes, "no pod asked about is on a node"):
        name = node.resource.name
        if node.ready:
            continue
        since = f" for {span(node.since, now)}" if node.since else ""
        said = clause(node.message or node.reason)
        yield Problem(
            resource=node.resource,
            summary=f"node {name} has been NotReady{since}" + (f": {said}" if said else "")
            if node.resource.exists
            else f"node {name} does not exist any more",
            brief=f"{node.reason}{since}".strip() if node.resource.exists else "does not exist any more",
            evidence=(Excerpt(call=f"k8s:get nodes {name}", excerpt=said),) if said else (),
            fix=(Fix(text="See what it last reported", command=command("kubectl", "describe", "node", name)),)
            if node.resource.exists
            else (),
        )
