"""A claim names a StorageClass that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import apply, kubectl
from runbook.evidence.ebs import DRIVER
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.claims import Claim, StorageClass
from runbook.evidence.objects import something
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Resource, Seen
from runbook.registry import check
from runbook.wording import names, near


@check(
    severity="high",
    about="StorageClass",
    covers=["EBS-SC01"],
    docs="https://kubernetes.io/docs/concepts/storage/storage-classes/",
)
def storage_class_exists(
    claims: Seen[Claim],
    classless: Seen[Claim],
    storage_classes: tuple[StorageClass, ...],
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The StorageClass that each claim names exists.

    The class says who makes the volume, and how. Without it nobody feels responsible for the claim, and
    it stays Pending until a class of that name, or a matching static volume, appears.
    """
    if not any(claim.waits and claim.storage_class for claim in something(claims, "no claim is asked about")):
        raise NotApplicable("no claim that names a StorageClass waits for its volume")
    present = [one.resource.name for one in storage_classes]
    for wanted in sorted({claim.storage_class for claim in classless if claim.storage_class}):
        waiting = [claim for claim in classless if claim.storage_class == wanted]
        alike = near(wanted, present)
        said = [(claim, event) for claim in waiting if (event := claim.said("ProvisioningFailed"))]
        yield Problem(
            resource=Resource(kind="StorageClass", name=wanted, exists=False),
            summary=f"StorageClass {wanted}, which {_named(waiting)}, does not exist"
            + (f" (there is {names(alike)})" if alike else ""),
            brief="does not exist" + (f"; near: {', '.join(alike)}" if alike else ""),
            facts=(f"StorageClasses that exist: {names(present, most=10) or 'none'}",),
            evidence=tuple(
                Excerpt(call=f"event of claim {claim.resource.path}", excerpt=event.message, at=event.at)
                for claim, event in said
            ),
            fix=(*fix(wanted, waiting[0], alike), *aftercare.verify()),
        )


def fix(wanted: str, claim: Claim, alike: tuple[str, ...]) -> tuple[Fix, ...]:
    """Make the class; or make the claim anew, whose class cannot be changed."""
    create = Fix(
        text=f"If {wanted} is meant, create it (here as encrypted gp3 volumes; adapt it)",
        command=apply(manifest(wanted)),
    )
    rename = Fix(
        text=f"If {alike[0] if alike else 'gp3'} is meant, correct the name where the claim is written (a "
        "StatefulSet's volumeClaimTemplates cannot be edited: remove it with --cascade=orphan and apply the "
        "corrected manifest), and remove the claim, which has no volume and holds no data, so that it is "
        "made anew",
        command=kubectl(claim.resource, "delete", "pvc", claim.resource.name),
        destructive=True,
    )
    # A name alike is likely a slip of the pen, which a class of the wrong name would make permanent.
    return (rename, create) if alike else (create, rename)


def manifest(name: str) -> dict[str, object]:
    """A StorageClass of the driver with this name."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": DRIVER,
        "parameters": {"type": "gp3", "encrypted": "true"},
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }


def _named(claims: list[Claim]) -> str:
    if len(claims) == 1:
        return f"claim {claims[0].resource.path} names"
    return f"claims {names(claim.resource.path for claim in claims)} name"
