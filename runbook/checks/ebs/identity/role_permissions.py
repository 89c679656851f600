"""What the driver's own role may do in EC2."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.permissions import Permissions
from runbook.model import Excerpt, Fix, Problem
from runbook.registry import check
from runbook.remedies.role import permit
from runbook.wording import names


@check(
    severity="critical",
    about="Role",
    covers=["EBS-I15"],
    docs="https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverPolicy.html",
)
def role_permissions(
    driver_permissions: Permissions, cluster: Cluster, aftercare: Aftercare
) -> Iterator[Problem]:
    """The driver's role allows what the driver does in EC2.

    A role that gives credentials still needs a policy: AmazonEBSCSIDriverPolicy, or one written by hand
    that allows as much. EC2 refuses everything else as UnauthorizedOperation.
    """
    role, denied = driver_permissions.role, driver_permissions.denied
    if not denied:
        return
    yield Problem(
        resource=role,
        summary=f"IAM role {role.name}, which the driver uses, does not allow {names(denied, 2)}",
        brief=f"does not allow {names(denied, 2)}",
        facts=(f"Role {role.name} does not allow {names(denied, 10)}.",),
        evidence=(
            Excerpt(
                call=f"iam:SimulatePrincipalPolicy PolicySourceArn={role.arn}",
                excerpt=f"denied: {names(denied, 10)}",
            ),
        ),
        fix=(*fix(driver_permissions, cluster), *aftercare.retry(), *aftercare.verify()),
    )


def fix(permissions: Permissions, cluster: Cluster) -> tuple[Fix, ...]:
    """Attach AWS's policy; what is forbidden must be let go first, because no policy outweighs that."""
    role, forbidden = permissions.role, permissions.forbidden
    if not forbidden:
        return (permit(cluster, role.name),)
    find = Fix(
        text="Find the explicit Deny, permissions boundary or organization policy that forbids "
        f"{names(forbidden, 2)}, and take it away: no further policy outweighs it",
        command=aws(
            "", "iam", "simulate-principal-policy", "--policy-source-arn", role.arn,
            "--action-names", *forbidden,
        ),
    )  # fmt: skip
    only = set(forbidden) == set(permissions.denied)
    return (find,) if only else (find, permit(cluster, role.name))
