"""The claim that waits: what most of these incidents look like from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.evidence.ebs.claims import Claim
from runbook.evidence.objects import Event, something
from runbook.evidence.wording import span
from runbook.model import Excerpt, Problem, Seen
from runbook.registry import check

#: Reasons of events about a claim, the most telling first.
_TELLING = (
    "ProvisioningFailed",
    "FailedBinding",
    "VolumeMismatch",
    "ExternalProvisioning",
    "WaitForPodScheduled",
    "WaitForFirstConsumer",
)


@check(
    severity="high",
    kind="symptom",
    about="PersistentVolumeClaim",
    after=[
        "ebs.provisioning", "ebs.controller", "ebs.identity", "ebs.nodes",
        "ebs.scheduling.node_in_zone", "ebs.scheduling.attachment_limit",
    ],
    docs="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding",
)  # fmt: skip
def bound(claims: Seen[Claim], now: datetime) -> Iterator[Problem]:
    """Every claim is bound to a volume.

    A pod is not started before its claims are bound. Why this one is not shows behind it: in its
    StorageClass, in the driver, or in the driver's rights.
    """
    for claim in something(claims, "no pod asked about uses a claim"):
        if not claim.resource.exists or claim.phase in ("", "Bound"):
            continue
        waiting = next(filter(None, map(claim.said, _TELLING)), None)
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
                for e in sorted(claim.events, key=_telling)[:3]
            ),
        )


def _telling(event: Event) -> int:
    return _TELLING.index(event.reason) if event.reason in _TELLING else len(_TELLING)
