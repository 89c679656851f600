"""The audience in the role's trust policy."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import document
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.web_identity import Trust
from runbook.model import Excerpt, Problem
from runbook.registry import check
from runbook.remedies.role import correct_trust
from runbook.wording import names


@check(
    severity="critical",
    about="Role",
    covers=["EBS-I03"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
)
def web_identity_audience(trust: Trust, aftercare: Aftercare) -> Iterator[Problem]:
    """The driver's role accepts tokens meant for STS.

    STS compares the audience of the controller's token with the condition of the role's trust policy
    byte for byte. Where they differ, AssumeRoleWithWebIdentity is refused and the driver has no
    credentials: no volume is created, attached or resized.
    """
    wrong = trust.wrong("audience")
    if not wrong:
        return
    found = names(f"'{value}'" for fault in wrong for value in fault.found)
    only = "no tokens for" if wrong[0].refuses else "only tokens for"
    yield Problem(
        resource=trust.role,
        summary=f"IAM role {trust.role.name} accepts {only} {found}, "
        f"while Kubernetes issues them for '{trust.token.audience}'",
        brief=f"trust policy: audience {found}",
        facts=(f"Trust policy now: {document(trust.policy)}",),
        evidence=(
            Excerpt(call=f"iam:GetRole RoleName={trust.role.name}", excerpt=f"{wrong[0].key}: {found}"),
        ),
        fix=(correct_trust(trust), *aftercare.retry(), *aftercare.verify()),
    )
