"""The role that the ServiceAccount's annotation names."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver_role import DriverRole, RoleArn
from runbook.evidence.ebs.identity import ROLE_ANNOTATION, ServiceAccount
from runbook.model import Excerpt, Fix, Problem
from runbook.registry import check
from runbook.remedies.role import annotate, make, role_arn


@check(
    severity="critical",
    about="Role",
    covers=["EBS-I08"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
)
def role_exists(
    driver_role: DriverRole, web_identity: ServiceAccount, cluster: Cluster, aftercare: Aftercare
) -> Iterator[Problem]:
    """The role that the driver's ServiceAccount names exists under exactly this ARN.

    The annotation is handed to STS as it stands. A deleted role, a misspelt ARN, a missing path or
    another partition are all refused, and the driver has no credentials.
    """
    arn, role = web_identity.role_arn, driver_role.resource
    if role.exists and role.arn == arn:
        return
    parts = RoleArn.of(arn)
    account = f"ServiceAccount {web_identity.resource.path}"
    if parts is None:
        summary, brief = f"{account} names '{arn}', which is not the ARN of a role", "not the ARN of a role"
    elif parts.partition != cluster.partition:
        summary = (
            f"{account} names role {arn} of partition {parts.partition}, while the cluster is in "
            f"{cluster.partition}"
        )
        brief = f"of partition {parts.partition}"
    elif role.exists:
        summary, brief = (
            f"{account} names role {arn}, while the role's ARN is {role.arn}",
            f"its ARN is {role.arn}",
        )
    else:
        summary, brief = f"IAM role {role.name}, which {account} names, does not exist", "does not exist"
    yield Problem(
        resource=role,
        summary=summary,
        brief=brief,
        evidence=(
            Excerpt(
                call=f"k8s:get serviceaccounts {web_identity.resource.path}",
                excerpt=f"{ROLE_ANNOTATION}: {arn}",
            ),
        ),
        fix=fix(driver_role, web_identity, cluster, aftercare),
    )


def fix(role: DriverRole, account: ServiceAccount, cluster: Cluster, aftercare: Aftercare) -> tuple[Fix, ...]:
    """Name the role that is there; else make the one that is named, where its name can be had."""
    named = RoleArn.of(account.role_arn)
    if role.resource.exists:
        step = annotate(account, role.resource.arn, "Name the role by its own ARN")
    elif (
        named
        and named.partition == cluster.partition
        and account.role_arn == role_arn(cluster, role.resource.name)
    ):
        return (
            *make(cluster, account.subject, role.resource.name),
            *aftercare.retry(),
            *aftercare.verify(),
        )
    else:
        text = "Put the ARN of the driver's role in place of ROLE_ARN (aws iam list-roles shows them)"
        step = annotate(account, "ROLE_ARN", text)
    return (step, *aftercare.restart(), *aftercare.verify())
