"""What follows almost every remedy: let the driver try again, and see that it worked."""

from __future__ import annotations

from dataclasses import dataclass

from runbook.commands import kubectl
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.target import Target
from runbook.model import Fix, Resource, Seen, Unavailable
from runbook.registry import evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftercare:
    """The controller to restart, and the claim and pod by which success shows."""

    controller: Resource
    claim: Resource | None = None
    pod: Resource | None = None

    def restart(self) -> tuple[Fix, ...]:
        """For remedies that running pods notice only after a restart."""
        command = kubectl(self.controller, "rollout", "restart", "deployment", self.controller.name)
        return (
            Fix(text="Restart the controller, whose running pods do not notice the change", command=command),
        )

    def retry(self) -> tuple[Fix, ...]:
        """For remedies that the driver notices by itself."""
        command = kubectl(self.controller, "rollout", "restart", "deployment", self.controller.name)
        text = "The driver tries again by itself, with growing pauses of up to 5 minutes. At once"
        return (Fix(text=text, command=command),)

    def verify(self) -> tuple[Fix, ...]:
        """How to see that it worked."""
        if self.claim:
            command = kubectl(self.claim, "get", "pvc", self.claim.name)
            return (Fix(text="It worked when this says Bound", command=command, verifies=True),)
        if self.pod:
            command = kubectl(self.pod, "get", "pod", self.pod.name)
            return (Fix(text="It worked when this says Running", command=command, verifies=True),)
        command = kubectl(self.controller, "rollout", "status", "deployment", self.controller.name)
        return (Fix(text="It worked when this says successfully rolled out", command=command, verifies=True),)


@evidence()
async def aftercare(
    controller: Controller, claims: Seen[Claim] | Unavailable, target: Target | Unavailable
) -> Aftercare:
    """Names for the last steps of a remedy."""
    unbound = [] if isinstance(claims, Unavailable) else [c.resource for c in claims if c.phase != "Bound"]
    waiting = [] if isinstance(target, Unavailable) else [p.resource for p in target.pods if not p.ready]
    return Aftercare(
        controller=controller.resource,
        claim=min(unbound, key=lambda r: r.key, default=None),
        pod=min(waiting, key=lambda r: r.key, default=None),
    )
