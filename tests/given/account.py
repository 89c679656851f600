"""The healthy cluster shop and its add-on, as AWS tells of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runbook.evidence.ebs.account import ADDON, Addon, Cluster
from runbook.model import Resource

ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/ABC"
ROLE_ARN = "arn:aws:iam::111122223333:role/shop-ebs-csi"


def cluster(**changes: Any) -> Cluster:
    """A cluster in account 111122223333."""
    healthy = Cluster(
        name="shop",
        arn="arn:aws:eks:us-east-1:111122223333:cluster/shop",
        version="1.34",
        issuer=ISSUER,
        security_group="sg-1",
    )
    return replace(healthy, **changes)


def addon(**changes: Any) -> Addon:
    """The add-on, ACTIVE and with the driver's role."""
    healthy = Addon(
        resource=Resource(kind="Addon", name=ADDON),
        status="ACTIVE",
        version="v1.64.0-eksbuild.1",
        role_arn=ROLE_ARN,
    )
    return replace(healthy, **changes)


def no_addon() -> Addon:
    """The driver is self-managed."""
    return Addon(resource=Resource(kind="Addon", name=ADDON, exists=False))
