"""The node plugin's DaemonSet is missing."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import command
from runbook.evidence.ebs.account import ADDON, Addon, Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver import NodePlugin
from runbook.evidence.ebs.regional import aws
from runbook.model import Fix, Parameters, Problem, Resource, Unavailable
from runbook.registry import check


@check(
    severity="critical",
    about="DaemonSet",
    covers=["EBS-N01", "EBS-M02"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
)
def node_plugin_installed(
    present_node_plugin: NodePlugin,
    addon: Addon | Unavailable,
    parameters: Parameters,
    cluster: Cluster | Unavailable,
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The driver's node plugin is installed.

    The controller only attaches volumes; on each node a pod of this DaemonSet mounts them, and registers
    the driver with the kubelet. Without it nothing is mounted anywhere.
    """
    plugin = present_node_plugin.resource
    if plugin.exists:
        return
    yield Problem(
        resource=plugin,
        summary=f"DaemonSet {plugin.path} does not exist, so that no node can mount a volume",
        brief="does not exist",
        fix=(*fix(plugin, addon, parameters["EksClusterName"], cluster), *aftercare.verify()),
    )


def fix(
    plugin: Resource, addon: Addon | Unavailable, name: str, cluster: Cluster | Unavailable
) -> tuple[Fix, ...]:
    """Let whoever installed the driver put it back."""
    if isinstance(addon, Addon) and addon.resource.exists:
        words = ("--cluster-name", name, "--addon-name", ADDON, "--resolve-conflicts", "OVERWRITE")
        text = "Let EKS put back what belongs to the add-on (changes made to it by hand are overwritten)"
        return (Fix(text=text, command=aws(cluster, "eks", "update-addon", *words), destructive=True),)
    chart = "aws-ebs-csi-driver/aws-ebs-csi-driver"
    text = (
        "Install the driver again as it was installed; with Helm, this makes all of it anew with the values "
        "of its last release (the driver becomes the chart's latest version, and changes made by hand are "
        "lost)"
    )
    again = command(
        "helm", "upgrade", "--install", ADDON, chart, "--namespace", plugin.namespace, "--reuse-values"
    )
    return (Fix(text=text, command=again, destructive=True),)
