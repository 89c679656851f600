"""The EC2 instance behind the pod's node does not run."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import command
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.ec2 import Instance
from runbook.evidence.ebs.nodes import Node
from runbook.evidence.ebs.regional import aws
from runbook.evidence.objects import something
from runbook.model import Excerpt, Fix, Problem, Seen, Unavailable
from runbook.registry import check


@check(
    severity="critical",
    about="Instance",
    covers=["NODE-21", "EBS-A12"],
    docs="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html",
)
def instance_running(
    pod_nodes: Seen[Node], instances: dict[str, Instance], cluster: Cluster | Unavailable
) -> Iterator[Problem]:
    """The EC2 instance behind the pod's node runs.

    Kubernetes notices a stopped instance only by its silence, and leaves pods and volumes where they are
    until someone says that the node is gone.
    """
    something(pod_nodes, "no pod asked about is on a node")
    known = Seen(tuple(node for node in pod_nodes if node.instance in instances), pod_nodes.gaps)
    for node in something(known, "no node of the pods asked about is known to be an EC2 instance"):
        found = instances[node.instance]
        if found.state in ("running", "pending"):
            continue
        state = f"is {found.state}" if found.resource.exists else "does not exist any more"
        yield Problem(
            resource=found.resource,
            summary=f"EC2 instance {found.resource.name} of node {node.resource.name} {state}",
            brief=state,
            evidence=(
                Excerpt(
                    call=f"ec2:DescribeInstances {found.resource.name}",
                    excerpt=f"State: {found.state}" if found.resource.exists else "no such instance",
                ),
            ),
            fix=fix(node, found, cluster),
        )


def fix(node: Node, found: Instance, cluster: Cluster | Unavailable) -> tuple[Fix, ...]:
    """Start it again; or let Kubernetes know that it will not come back."""
    name = node.resource.name
    gone = Fix(
        text="If it is not to come back, remove the node; its pods are then made anew elsewhere",
        command=command("kubectl", "delete", "node", name),
        destructive=True,
    )
    if found.state not in ("stopped", "stopping"):
        return (gone,)
    start = aws(cluster, "ec2", "start-instances", "--instance-ids", found.resource.name)
    back = Fix(
        text="It worked when this says Ready", command=command("kubectl", "get", "node", name), verifies=True
    )
    return (Fix(text="Start it again, if it was stopped by mistake", command=start), gone, back)
