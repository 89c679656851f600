"""EBS-N01: the node plugin's DaemonSet is missing."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.commands import command
from runbook.evidence.ebs.account import ADDON, Addon
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver import NodePlugin
from runbook.model import Fix, Parameters, Problem, Resource, Unavailable
from runbook.registry import check


@check(
    severity="critical",
    about="DaemonSet",
    covers=["EBS-N01", "EBS-M02"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
)
def node_plugin_installed(
    present_node_plugin: NodePlugin, addon: Addon | Unavailable, parameters: Parameters, aftercare: Aftercare
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
        fix=(*fix(plugin, addon, parameters["EksClusterName"]), *aftercare.verify()),
    )


def fix(plugin: Resource, addon: Addon | Unavailable, cluster: str) -> tuple[Fix, ...]:
    """Let whoever installed the driver put it back."""
    if isinstance(addon, Addon) and addon.resource.exists:
        words = ("aws", "eks", "update-addon", "--cluster-name", cluster, "--addon-name", ADDON)
        text = "Let EKS put back what belongs to the add-on (changes made to it by hand are overwritten)"
        overwrite = command(*words, "--resolve-conflicts", "OVERWRITE")
        return (Fix(text=text, command=overwrite, destructive=True),)
    chart = "aws-ebs-csi-driver/aws-ebs-csi-driver"
    text = "Install the driver again as it was installed; with Helm"
    again = command("helm", "upgrade", "--install", ADDON, chart, "--namespace", plugin.namespace)
    return (Fix(text=text, command=again),)
