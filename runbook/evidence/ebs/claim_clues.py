"""What else is there, where a claim or its class is not: asked only then, in a constant number of lists."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from runbook.evidence.ebs.asked import Asked
from runbook.evidence.ebs.claims import Claim, StorageClass
from runbook.evidence.objects import METADATA_FIELDS
from runbook.model import NotApplicable, Seen
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence
from runbook.wording import near


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingClaim:
    """A claim that a pod names and that does not exist: names alike, and namesakes' namespaces."""

    claim: Claim
    near: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


@evidence("k8s:list persistentvolumeclaims")
async def missing_claims(kubernetes: Kubernetes, asked: Asked, claims: Seen[Claim]) -> Seen[MissingClaim]:
    """Claims that pods name and that do not exist."""
    if not any(pod.claims for pod in asked.pods):
        raise NotApplicable("no pod asked about names a claim")
    named = {(pod.resource.namespace, name) for pod in asked.pods for name in pod.claims}
    absent = [c for c in claims if not c.resource.exists and (c.resource.namespace, c.resource.name) in named]
    if not absent:
        return Seen((), claims.gaps)
    first = absent[0].resource
    beside, namesakes = await asyncio.gather(
        kubernetes.list("persistentvolumeclaims", namespace=first.namespace, fields=METADATA_FIELDS),
        kubernetes.list(
            "persistentvolumeclaims", where=f"metadata.name={first.name}", fields=METADATA_FIELDS
        ),
    )
    names = [item["metadata"]["name"] for item in beside]
    everywhere = (item["metadata"]["namespace"] for item in namesakes)
    elsewhere = tuple(namespace for namespace in everywhere if namespace != first.namespace)
    return Seen(
        tuple(
            MissingClaim(
                claim=one,
                near=near(one.resource.name, names) if one.resource.namespace == first.namespace else (),
                elsewhere=elsewhere if one.resource == first else (),
            )
            for one in absent
        ),
        claims.gaps,
    )


@evidence("k8s:list persistentvolumes")
async def classless(
    kubernetes: Kubernetes, claims: Seen[Claim], storage_classes: tuple[StorageClass, ...]
) -> Seen[Claim]:
    """Claims without volume whose class does not exist, nor any volume of it.

    A volume of the class, even one that is taken, says that the name serves static volumes only.
    """
    known = {one.resource.name for one in storage_classes}
    wanting = [
        c for c in claims if c.waits and not c.volume and c.storage_class and c.storage_class not in known
    ]
    if not wanting:
        return Seen((), claims.gaps)
    listing = await kubernetes.list("persistentvolumes", fields=(*METADATA_FIELDS, "spec.storageClassName"))
    static = {body.get("spec", {}).get("storageClassName", "") for body in listing.whole()}
    return Seen(tuple(c for c in wanting if c.storage_class not in static), claims.gaps)
