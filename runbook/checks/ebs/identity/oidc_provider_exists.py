"""The cluster's identity provider in IAM."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver_role import IdentityProvider
from runbook.evidence.ebs.identity import ServiceAccount
from runbook.model import Fix, Problem
from runbook.registry import check


@check(
    severity="critical",
    about="OIDCProvider",
    covers=["EBS-I05"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html",
)
def oidc_provider_exists(
    identity_provider: IdentityProvider, web_identity: ServiceAccount, aftercare: Aftercare
) -> Iterator[Problem]:
    """IAM knows the cluster's identity provider.

    STS believes a token only if its issuer is an identity provider of the account. Without one
    every token of the cluster is refused, whatever the role's trust policy says.
    """
    provider = identity_provider.resource
    if not provider.exists:
        yield Problem(
            resource=provider,
            summary=f"IAM has no identity provider for the cluster's issuer https://{provider.name}",
            brief="does not exist",
            fix=fix(identity_provider, web_identity, aftercare),
        )


def fix(provider: IdentityProvider, account: ServiceAccount, aftercare: Aftercare) -> tuple[Fix, ...]:
    """Make the provider."""
    return (
        Fix(
            text="Make the identity provider",
            command=aws(
                "", "iam", "create-open-id-connect-provider", "--url", f"https://{provider.resource.name}",
                "--client-id-list", account.audience,
            ),
        ),
        *aftercare.retry(),
        *aftercare.verify(),
    )  # fmt: skip
