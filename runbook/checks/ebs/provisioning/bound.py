"""The claim that waits: what most of these incidents look like from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.evidence.ebs.claims import Claim
from runbook.evidence.wording import span
from runbook.model import Excerpt, Problem, Seen
from runbook.registry import check


@check(
    severity="high",
    kind="symptom",
    about="PersistentVolumeClaim",
    after=["ebs.provisioning", "ebs.controller", "ebs.identity", "ebs.nodes.route_to_aws"],
    docs="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding",
)
def bound(claims: Seen[Claim], now: datetime) -> Iterator[Problem]:
    """Every claim is bound to a volume.

    A pod is not started before its claims are bound. Why this one is not shows behind it: in its
    StorageClass, in the driver, or in the driver's rights.
    """
    for claim in claims:
        if not claim.resource.exists or claim.phase in ("", "Bound"):
            continue
        refused = claim.said("ProvisioningFailed")
        waiting = refused or claim.said("ExternalProvisioning") or claim.said("WaitForFirstConsumer")
        since = span(claim.created, now) if claim.created else "an unknown time"
        yield Problem(
            resource=claim.resource,
            summary=f"claim {claim.resource.path} has been {claim.phase} for {since}"
            + (f": {waiting.reason}: {waiting.message}" if waiting else ""),
            brief=f"{claim.phase} for {since}",
            evidence=tuple(
                Excerpt(
                    call=f"event of claim {claim.resource.path}", excerpt=f"{e.reason}: {e.message}", at=e.at
                )
                for e in claim.events[:3]
            ),
        )
