"""The audiences of the cluster's identity provider in IAM."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import aws
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.driver_role import IdentityProvider
from runbook.evidence.ebs.identity import ServiceAccount
from runbook.model import Excerpt, Fix, NotApplicable, Problem
from runbook.registry import check
from runbook.wording import names


@check(
    severity="critical",
    about="OIDCProvider",
    covers=["EBS-I06"],
    docs="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
)
def oidc_provider_audience(
    identity_provider: IdentityProvider, web_identity: ServiceAccount, aftercare: Aftercare
) -> Iterator[Problem]:
    """The cluster's identity provider accepts the audience of the driver's tokens.

    An identity provider lists the audiences (client ids) that it may speak to. A token for another
    is refused as "Incorrect token audience" before any role is looked at.
    """
    provider = identity_provider.resource
    if not provider.exists:
        raise NotApplicable("IAM has no identity provider for this cluster")
    if web_identity.audience in identity_provider.audiences:
        return
    listed = names(f"'{audience}'" for audience in identity_provider.audiences) or "no audience at all"
    yield Problem(
        resource=provider,
        summary=f"the cluster's identity provider in IAM accepts {listed}, "
        f"while the driver's tokens are for '{web_identity.audience}'",
        brief=f"accepts {listed}, not '{web_identity.audience}'",
        evidence=(
            Excerpt(
                call=f"iam:GetOpenIDConnectProvider OpenIDConnectProviderArn={provider.arn}",
                excerpt=f"ClientIDList: {listed}",
            ),
        ),
        fix=fix(identity_provider, web_identity, aftercare),
    )


def fix(provider: IdentityProvider, account: ServiceAccount, aftercare: Aftercare) -> tuple[Fix, ...]:
    """Add the audience; those that are there stay."""
    return (
        Fix(
            text="Add the audience to the identity provider",
            command=aws(
                "", "iam", "add-client-id-to-open-id-connect-provider",
                "--open-id-connect-provider-arn", provider.resource.arn, "--client-id", account.audience,
            ),
        ),
        *aftercare.retry(),
        *aftercare.verify(),
    )  # fmt: skip
