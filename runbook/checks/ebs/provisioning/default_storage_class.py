"""A claim leaves its class to a default that the cluster does not have."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.checks.ebs.provisioning.storage_class_exists import manifest
from runbook.commands import apply, command
from runbook.evidence.ebs import DRIVER
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.chain_storage import DEFAULT_CLASS
from runbook.evidence.ebs.claims import Claim, StorageClass
from runbook.evidence.objects import something
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Seen
from runbook.registry import check
from runbook.wording import names

_DEFAULT = "storageclass.kubernetes.io/is-default-class"


@check(
    severity="high",
    about="StorageClass",
    covers=["EBS-SC02"],
    docs="https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass",
)
def default_storage_class(
    claims: Seen[Claim], storage_classes: tuple[StorageClass, ...], aftercare: Aftercare
) -> Iterator[Problem]:
    """A claim that names no StorageClass gets a default one.

    Since Kubernetes 1.30 EKS creates the class gp2 but marks it no longer as default. A claim without
    class then belongs to nobody. A claim whose class is the empty text asks for none, and is not meant here.
    """
    asked = something(claims, "no claim is asked about")
    waiting = [c for c in asked if c.waits and c.storage_class is None and not c.volume]
    if not waiting and not claims.gaps:
        raise NotApplicable("no claim leaves its StorageClass to the default")
    if not waiting or any(one.default for one in storage_classes):
        return
    present = [one.resource.name for one in storage_classes]
    subject = names(claim.resource.path for claim in waiting)
    some = len(waiting) > 1
    yield Problem(
        resource=DEFAULT_CLASS,
        summary=f"{'claims' if some else 'claim'} {subject} {'name' if some else 'names'} no StorageClass, "
        "and the cluster has no default one",
        brief="the cluster has no default StorageClass",
        facts=(f"StorageClasses that exist: {names(present, most=10) or 'none'}",),
        evidence=tuple(
            Excerpt(call=f"event of claim {claim.resource.path}", excerpt=event.message, at=event.at)
            for claim in waiting
            if (event := claim.said("FailedBinding"))
        ),
        fix=(*fix(storage_classes), *aftercare.verify()),
    )


def fix(classes: tuple[StorageClass, ...]) -> tuple[Fix, ...]:
    """Make one of the driver's classes the default; Kubernetes then gives it to claims without class."""
    ours = sorted(one.resource.name for one in classes if one.provisioner == DRIVER)
    if not ours:
        made = manifest("gp3")
        made["metadata"] = {"name": "gp3", "annotations": {_DEFAULT: "true"}}
        return (Fix(text="Create a default class", command=apply(made)),)
    best = "gp3" if "gp3" in ours else ours[0]
    return (
        Fix(
            text=f"Make {best} the default class (claims that wait without class get it by themselves)",
            command=command("kubectl", "annotate", "storageclass", best, f"{_DEFAULT}=true", "--overwrite"),
        ),
    )
