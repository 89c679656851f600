"""Steps that make the driver's IAM role, permit it what the driver does, and name it to the driver."""

from __future__ import annotations

from runbook.commands import aws, command, document, kubectl, policy
from runbook.evidence.ebs.account import Addon, Cluster
from runbook.evidence.ebs.identity import ROLE_ANNOTATION, STS_AUDIENCE, ServiceAccount
from runbook.evidence.ebs.usual_role import NAME, UsualRole
from runbook.evidence.ebs.web_identity import Trust, statement_for, token_of
from runbook.model import Fix, NotApplicable, Unavailable
from runbook.remedies import addon as addons


def make(cluster: Cluster, subject: str, name: str) -> tuple[Fix, ...]:
    """Make a role of this name, which trusts this ServiceAccount, with all that comes before and after."""
    token = token_of(cluster, STS_AUDIENCE, subject)
    return (
        Fix(
            text="Make the cluster's identity provider known to IAM (this changes nothing where it is)",
            command=command(
                "eksctl", "utils", "associate-iam-oidc-provider", "--region", cluster.region,
                "--cluster", cluster.name, "--approve",
            ),
        ),
        Fix(
            text=f"Make a role that trusts {subject}",
            command=aws(
                "", "iam", "create-role", "--role-name", name,
                "--assume-role-policy-document", policy(statement_for(token)),
            ),
        ),
        permit(cluster, name),
    )  # fmt: skip


def permit(cluster: Cluster, name: str) -> Fix:
    """Attach AWS's own policy for the driver."""
    managed = f"arn:{cluster.partition}:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    return Fix(
        text=f"Give role {name} what the driver needs",
        command=aws("", "iam", "attach-role-policy", "--role-name", name, "--policy-arn", managed),
    )


def correct_trust(trust: Trust) -> Fix:
    """The present trust policy with everything corrected that keeps the token out, nothing else changed."""
    return Fix(
        text="Correct the role's trust policy (this replaces it whole; the present one is kept below)",
        command=aws(
            "", "iam", "update-assume-role-policy", "--role-name", trust.role.name,
            "--policy-document", document(trust.repaired()),
        ),
        destructive=True,
    )  # fmt: skip


def give(account: ServiceAccount, arn: str, cluster: Cluster, addon: Addon | Unavailable) -> Fix:
    """By the add-on where there is one, because its next update would undo any other way."""
    if not isinstance(addon, Unavailable) and addon.resource.exists:
        return addons.name_role(cluster, arn)
    return annotate(account, arn, "Name this role in the ServiceAccount")


def annotate(account: ServiceAccount, arn: str, text: str) -> Fix:
    """Name the role in the ServiceAccount itself."""
    return Fix(
        text=text,
        command=kubectl(
            account.resource, "annotate", "serviceaccount", account.resource.name,
            f"{ROLE_ANNOTATION}={arn}", "--overwrite",
        ),
    )  # fmt: skip


def new_name(cluster: Cluster, usual: UsualRole | Unavailable | NotApplicable) -> str:
    """A name for the role: the usual one, with the cluster's name where that is taken or unreadable."""
    free = isinstance(usual, UsualRole) and not usual.arn
    return NAME if free else f"{NAME}_{cluster.name}"[:64]


def role_arn(cluster: Cluster, name: str) -> str:
    """The ARN of a role in the cluster's account."""
    return f"arn:{cluster.partition}:iam::{cluster.account}:role/{name}"
