"""The claim that waits: what most of these incidents look like from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runbook.evidence.ebs.claims import Claim, Volume
from runbook.evidence.events import Event
from runbook.evidence.objects import something
from runbook.model import Excerpt, Problem, Seen, Unavailable
from runbook.registry import check
from runbook.wording import clause, names, span

#: Reasons of events about a claim, the most telling first.
_TELLING = (
    "ClaimLost",
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
    covers=["EBS-PVC10", "EBS-PV08"],
    docs="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding",
)  # fmt: skip
def bound(claims: Seen[Claim], volumes: Seen[Volume] | Unavailable, now: datetime) -> Iterator[Problem]:
    """Every claim is bound to a volume.

    A pod is not started before its claims are bound. Why this one is not shows behind it: in its
    StorageClass, in the driver, or in the driver's rights.
    """
    something(claims, "no pod asked about uses a claim")
    present = Seen(tuple(claim for claim in claims if claim.resource.exists), claims.gaps)
    known = () if isinstance(volumes, Unavailable) else volumes.items
    gone = {volume.resource.name for volume in known if not volume.resource.exists}
    for claim in something(present, "no claim asked about exists"):
        if claim.volume in gone:
            yield _lost(claim)
        elif claim.waits:
            yield _waits(claim, now)
    if silent := [claim.resource.path for claim in present if not claim.phase]:
        raise Unavailable(f"claim {names(silent)} has no phase yet")


def _lost(claim: Claim) -> Problem:
    return Problem(
        resource=claim.resource,
        summary=f"claim {claim.resource.path} is {claim.phase}: PersistentVolume {claim.volume}, "
        "to which it was bound, does not exist",
        brief="its PersistentVolume does not exist",
        evidence=_quotes(claim),
    )


def _waits(claim: Claim, now: datetime) -> Problem:
    said = next(filter(None, map(claim.said, _TELLING)), None)
    # How long it has been Lost is not told by when it was made.
    since = f" for {span(claim.created, now)}" if claim.created and claim.phase == "Pending" else ""
    return Problem(
        resource=claim.resource,
        summary=f"claim {claim.resource.path} {'has been' if since else 'is'} {claim.phase}{since}"
        + (f": {said.reason}: {clause(said.message)}" if said else ""),
        brief=f"{claim.phase}{since}",
        evidence=_quotes(claim),
    )


def _quotes(claim: Claim) -> tuple[Excerpt, ...]:
    call = f"event of claim {claim.resource.path}"
    told = sorted(claim.events, key=_telling)[:3]
    return tuple(Excerpt(call=call, excerpt=f"{e.reason}: {e.message}", at=e.at) for e in told)


def _telling(event: Event) -> int:
    return _TELLING.index(event.reason) if event.reason in _TELLING else len(_TELLING)
