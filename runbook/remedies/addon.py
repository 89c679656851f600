"""Steps that install, change or look at the driver's EKS add-on."""

from __future__ import annotations

from typing import Any

from runbook.commands import aws, document
from runbook.evidence.ebs.account import ADDON, Cluster
from runbook.model import Fix


def restore(cluster: Cluster, version: str = "") -> Fix:
    """Have EKS apply the add-on's objects again, in this version or the present one."""
    return Fix(
        text="Have EKS apply the add-on again (OVERWRITE makes anew what is missing, and gives every field "
        "that was changed by hand or by Helm the add-on's own value)",
        command=_addon(
            cluster, "update-addon", *(("--addon-version", version) if version else ()),
            "--resolve-conflicts", "OVERWRITE",
        ),
        destructive=True,
    )  # fmt: skip


def install(cluster: Cluster, role_arn: str) -> Fix:
    """Install the driver as add-on, with this role."""
    return Fix(
        text=f"Install the driver as add-on, with role {role_arn.rpartition('/')[2]}",
        command=_addon(cluster, "create-addon", "--service-account-role-arn", role_arn),
    )


def name_role(cluster: Cluster, role_arn: str) -> Fix:
    """Have the add-on name this role in its ServiceAccount."""
    return Fix(
        text="Have the add-on name this role in its ServiceAccount",
        command=_addon(
            cluster, "update-addon", "--service-account-role-arn", role_arn, "--resolve-conflicts", "PRESERVE"
        ),
    )


def configure(cluster: Cluster, text: str, values: dict[str, Any]) -> tuple[Fix, ...]:
    """Give the add-on configuration values, which replace those that it has."""
    return (
        Fix(
            text="See which configuration values the add-on has now, because the next command replaces them",
            command=look(cluster, "addon.configurationValues"),
        ),
        Fix(
            text=f"{text} (put the values that you saw beside it)",
            command=_addon(
                cluster, "update-addon", "--configuration-values", document(values),
                "--resolve-conflicts", "PRESERVE",
            ),
            destructive=True,
        ),
    )  # fmt: skip


def look(cluster: Cluster, query: str) -> str:
    """The command that shows something of the add-on."""
    return _addon(cluster, "describe-addon", "--query", query)


def _addon(cluster: Cluster, verb: str, *words: str) -> str:
    return aws(cluster.region, "eks", verb, "--cluster-name", cluster.name, "--addon-name", ADDON, *words)
