"""Nothing is wrong."""

from __future__ import annotations

from runbook.local.scenarios import scenario
from runbook.local.world import World


@scenario(verdict="healthy")
def all_well(world: World) -> None:
    """The pod is ready with its volume."""


@scenario(verdict="healthy", parameters={})
def all_well_nobody_named(world: World) -> None:
    """No pod is named, and none waits."""
