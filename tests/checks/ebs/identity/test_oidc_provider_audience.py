from __future__ import annotations

from dataclasses import replace

import pytest

from runbook.checks.ebs.identity.oidc_provider_audience import oidc_provider_audience
from runbook.model import NotApplicable
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.identity import PROVIDER_ARN, provider, service_account


def test_sts_is_listed() -> None:
    both = provider(audiences=("kubernetes", "sts.amazonaws.com"))
    assert list(oidc_provider_audience(both, service_account(), aftercare())) == []


def test_an_audience_by_annotation_that_is_listed() -> None:
    other = provider(audiences=("vault",))
    assert list(oidc_provider_audience(other, service_account(audience="vault"), aftercare())) == []


@pytest.mark.parametrize(("listed", "told"), [(("kubernetes",), "'kubernetes'"), ((), "no audience at all")])
def test_sts_is_not_listed(listed: tuple[str, ...], told: str) -> None:
    (problem,) = oidc_provider_audience(provider(audiences=listed), service_account(), aftercare())
    assert problem.summary == (
        f"the cluster's identity provider in IAM accepts {told}, while the driver's tokens are for "
        "'sts.amazonaws.com'"
    )
    assert commands(problem) == [
        (
            "aws iam add-client-id-to-open-id-connect-provider "
            f"--open-id-connect-provider-arn {PROVIDER_ARN} --client-id sts.amazonaws.com"
        ),
        RESTART,
        VERIFY,
    ]


def test_without_provider_there_is_nothing_to_say() -> None:
    gone = provider(resource=replace(provider().resource, exists=False), audiences=())
    with pytest.raises(NotApplicable, match="IAM has no identity provider for this cluster"):
        list(oidc_provider_audience(gone, service_account(), aftercare()))
