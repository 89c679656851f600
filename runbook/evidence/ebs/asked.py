"""The things that the verdict is about: what was named, or every pod that waits for an EBS volume."""

from __future__ import annotations

from dataclasses import dataclass

from runbook.evidence.ebs.account import Addon
from runbook.evidence.ebs.claims import Claim, StorageClass, Volume, wants_ebs
from runbook.evidence.ebs.driver import Controller, NodePlugin
from runbook.evidence.ebs.target import Target, absence, word
from runbook.evidence.pods import Pod
from runbook.model import Parameters, Resource, Seen, Unavailable
from runbook.registry import evidence
from runbook.wording import count, names


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`resources` begin the chain, `driver` serves them; `state` is a clause for the sentence."""

    resources: tuple[Resource, ...]
    driver: tuple[Resource, ...]
    pods: tuple[Pod, ...]
    state: str
    suffering: bool
    """Whether something asked about is not well."""
    named: bool
    whole: bool = True
    """Whether the list of waiting pods was complete."""

    @property
    def of_the_driver(self) -> bool:
        """Whether the driver alone is asked about: nothing was named, and no pod waits."""
        return not self.named and not self.pods


@evidence()
async def asked(
    parameters: Parameters,
    target: Target,
    claims: Seen[Claim] | Unavailable,
    storage_classes: tuple[StorageClass, ...] | Unavailable,
    volumes: Seen[Volume] | Unavailable,
    controller: Controller | Unavailable,
    node_plugin: NodePlugin | Unavailable,
    addon: Addon | Unavailable,
) -> Asked:
    """What was asked about, in the order in which it is told."""
    parts = (controller, node_plugin, addon)
    driver = tuple(part.resource for part in parts if not isinstance(part, Unavailable))
    # A namespace that does not exist was named, if nothing else.
    if parameters["ApplicationPodName"] or target.missing:
        waiting = [p for p in target.pods if not p.ready and p.phase not in _over(target)]
        sick = bool(waiting or target.missing or _too_few(target))
        return Asked(
            resources=target.asked,
            driver=driver,
            pods=target.pods,
            state=_named_state(target, waiting, claims),
            suffering=sick,
            named=True,
            whole=not target.cut,
        )
    ours = tuple(
        p for p in target.pods if not p.mounted and _waits_for_ebs(p, claims, storage_classes, volumes)
    )
    where = f"in namespace {parameters['ApplicationNamespace']}" if parameters["ApplicationNamespace"] else ""
    state = f"{names(p.resource.path for p in ours)} {'wait' if len(ours) > 1 else 'waits'} for an EBS volume"
    return Asked(
        resources=tuple(p.resource for p in ours),
        driver=driver,
        pods=ours,
        state=f"{'pods' if len(ours) > 1 else 'pod'} {state}"
        if ours
        else f"no pod {where} waits for an EBS volume".replace("  ", " "),
        suffering=bool(ours),
        named=False,
        whole=not target.cut and not isinstance(claims, Unavailable) and not claims.gaps,
    )


def _over(target: Target) -> tuple[str, ...]:
    """Phases of pods from which nothing more is wanted; a workload replaces those that failed."""
    return ("Succeeded", "Failed") if target.workload else ("Succeeded",)


def _waits_for_ebs(
    pod: Pod,
    claims: Seen[Claim] | Unavailable,
    classes: tuple[StorageClass, ...] | Unavailable,
    volumes: Seen[Volume] | Unavailable,
) -> bool:
    """Whether one of its claims is, or may be, for the EBS CSI driver: unknown counts as yes."""
    if not pod.claims or isinstance(claims, Unavailable) or isinstance(classes, Unavailable):
        return bool(pod.claims)
    known = () if isinstance(volumes, Unavailable) else volumes
    mine = [
        c for c in claims if c.resource.namespace == pod.resource.namespace and c.resource.name in pod.claims
    ]
    return len(mine) < len(pod.claims) or any(wants_ebs(claim, classes, known) for claim in mine)


def _named_state(target: Target, waiting: list[Pod], claims: Seen[Claim] | Unavailable) -> str:
    subject = target.asked[0]
    what = f"{word(subject)} {subject.path}"
    if target.missing:
        return absence(subject)
    if _too_few(target) and target.workload and not waiting:
        return f"{what} has {target.workload.ready} of {count(target.workload.replicas, 'replica')} ready"
    if not waiting:
        well = "has completed" if all(p.phase == "Succeeded" for p in target.pods) else "is ready"
        return f"{what} {well}" if len(target.asked) == 1 else f"{count(len(target.asked), 'pod')} are ready"
    pod = waiting[0]
    unbound = not isinstance(claims, Unavailable) and any(
        c.phase != "Bound" for c in claims if c.resource.name in pod.claims
    )
    subject_words = what if len(target.asked) == 1 else f"{word(pod.resource)} {pod.resource.path}"
    return f"{subject_words} {_trouble(pod, unbound)}"


def _trouble(pod: Pod, unbound: bool) -> str:
    if unbound:
        return "waits for its volume"
    if pod.unschedulable:
        return "cannot be scheduled"
    if pod.phase == "Pending":
        return "does not start"
    return "is not ready"


def _too_few(target: Target) -> bool:
    return target.workload is not None and target.workload.ready < target.workload.replicas
