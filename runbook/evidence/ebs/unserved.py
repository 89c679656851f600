"""Claims for which nobody is there, when the driver's controller is not."""

from __future__ import annotations

from runbook.evidence.ebs import DRIVER
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.driver import Controller
from runbook.model import Seen, Unavailable
from runbook.registry import evidence


@evidence()
async def unserved_claims(controller: Controller, claims: Seen[Claim] | Unavailable) -> tuple[Claim, ...]:
    """Claims that certainly wait for the driver while it has no controller; gaps do not matter to these."""
    if controller.resource.exists or isinstance(claims, Unavailable):
        return ()
    return tuple(c for c in claims if c.resource.exists and not c.volume and c.provisioner == DRIVER)
