"""How the cluster finds out who is calling."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws
from runbook.evidence.ebs.account import Cluster
from runbook.model import Deployment, Fix, Problem, Unavailable
from runbook.registry import check
from runbook.remedies.access import apply_role, create_entry


@check(
    severity="critical",
    kind="obstacle",
    about="Cluster",
    covers=["ACC-04"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html",
)
def authentication_mode(cluster: Cluster, deployment: Deployment) -> Iterator[Problem]:
    """The cluster takes access entries.

    In authentication mode CONFIG_MAP only ConfigMap aws-auth says who may enter, which cannot be seen from
    outside, and an access entry cannot even be made. API_AND_CONFIG_MAP takes both.
    """
    if not cluster.authentication_mode:
        raise Unavailable(f"EKS did not tell the authentication mode of cluster {cluster.name}")
    if cluster.authentication_mode == "CONFIG_MAP":
        yield Problem(
            resource=cluster.resource,
            summary=f"cluster {cluster.name} takes no access entries (authentication mode CONFIG_MAP), so "
            "the run's role cannot be given one",
            facts=("ConfigMap aws-auth stays in force beside access entries.",),
            fix=fix(cluster, deployment),
        )


def fix(cluster: Cluster, deployment: Deployment) -> tuple[Fix, ...]:
    """Take access entries as well, and make one."""
    named = ("--name", cluster.name)
    mode = aws(
        cluster.region, "eks", "update-cluster-config", *named,
        "--access-config", "authenticationMode=API_AND_CONFIG_MAP",
    )  # fmt: skip
    query = ("--query", "cluster.accessConfig.authenticationMode", "--output", "text")
    shown = aws(cluster.region, "eks", "describe-cluster", *named, *query)
    return (
        Fix(
            text="Take access entries beside ConfigMap aws-auth; EKS does not allow this to be taken back",
            command=mode,
        ),
        Fix(text="It worked when this says API_AND_CONFIG_MAP", command=shown, verifies=True),
        create_entry(cluster, deployment.automation_role),
        apply_role(cluster),
    )
