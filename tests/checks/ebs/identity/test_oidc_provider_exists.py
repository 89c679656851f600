from __future__ import annotations

from dataclasses import replace

from runbook.checks.ebs.identity.oidc_provider_exists import oidc_provider_exists
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.identity import provider, service_account


def test_the_provider_is_there() -> None:
    assert list(oidc_provider_exists(provider(), service_account(), aftercare())) == []


def test_no_provider() -> None:
    gone = provider(resource=replace(provider().resource, exists=False), audiences=())
    (problem,) = oidc_provider_exists(gone, service_account(), aftercare())
    assert problem.summary == (
        "IAM has no identity provider for the cluster's issuer https://oidc.eks.us-east-1.amazonaws.com/id/ABC"
    )
    assert commands(problem) == [
        (
            "aws iam create-open-id-connect-provider --url https://oidc.eks.us-east-1.amazonaws.com/id/ABC "
            "--client-id-list sts.amazonaws.com"
        ),
        RESTART,
        VERIFY,
    ]
