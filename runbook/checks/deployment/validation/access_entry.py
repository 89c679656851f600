"""The right of the run's role to read the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.deployment.access_entry import AccessEntry
from runbook.evidence.ebs.account import Cluster
from runbook.model import Problem, Unavailable
from runbook.permissions import GROUP
from runbook.registry import check
from runbook.remedies.access import apply_role, create_entry, show_entry, update_entry
from runbook.wording import names

#: The access policies that read what a runbook reads: nodes and volumes are in no narrower one.
#: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
SUFFICIENT = ("AmazonEKSAdminViewPolicy", "AmazonEKSClusterAdminPolicy")


@check(
    severity="critical",
    kind="obstacle",
    about="AccessEntry",
    covers=["ACC-11"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html",
)
def access_entry(access_entry: AccessEntry, cluster: Cluster) -> Iterator[Problem]:
    """The run's role has an access entry that lets it read the cluster.

    The token for the cluster is made with the role of the Automation steps. The cluster knows that role only
    by an access entry, which must name a group that may read, or an access policy.
    """
    short, role = access_entry.resource.name, access_entry.resource.arn
    if not access_entry.resource.exists:
        yield Problem(
            resource=access_entry.resource,
            summary=f"cluster {cluster.name} has no access entry for role {short}, by which the run reads it",
            facts=(f"The whole name of the role: {role}",),
            fix=(create_entry(cluster, role), apply_role(cluster), show_entry(cluster, role)),
        )
    elif GROUP not in access_entry.groups and not set(access_entry.policies) & set(SUFFICIENT):
        if access_entry.groups:
            raise Unavailable(
                f"the access entry of role {short} names group {names(access_entry.groups)}, and what that "
                "group may read is known in the cluster alone"
            )
        yield Problem(
            resource=access_entry.resource,
            summary=f"role {short}, by which the run reads cluster {cluster.name}, may enter it but not read "
            f"there: its access entry names {_instead(access_entry)}",
            facts=(f"The whole name of the role: {role}",),
            fix=(update_entry(cluster, role), apply_role(cluster), show_entry(cluster, role)),
        )


def _instead(entry: AccessEntry) -> str:
    if entry.narrow:
        return f"{names(entry.narrow)} for some namespaces only"
    if entry.policies:
        return f"{names(entry.policies)} alone, which shows neither nodes nor volumes"
    return f"neither group {GROUP} nor an access policy"
