"""Whether a real cluster still says what the world says that was laid into it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from runbook.local.world import World
from runbook.ports.resources import BY_KIND
from tests.cluster.control_plane import ControlPlane
from tests.cluster.lay import moved


def contradictions(world: World, plane: ControlPlane, shift: timedelta) -> list[str]:
    """What differs, as sentences; what the server or a controller added is no contradiction.

    `shift` is what lay() answered.
    """
    found: list[str] = []
    with plane.rest() as rest:
        for (kind, namespace, name), said in moved(world.objects, shift).items():
            what = f"{kind} {namespace}/{name}"
            answer = rest.ask("GET", BY_KIND[kind].path(namespace, name))
            if answer.status == 200:
                found += [f"{what}{line}" for line in _differences(said, answer.json, "")]
            else:
                found.append(f"{what}: {answer.json['message']}")
    return found


def _differences(said: Any, real: Any, path: str) -> Iterator[str]:
    if isinstance(said, dict) and isinstance(real, dict):
        for name, value in said.items():
            yield from _differences(value, real.get(name), f"{path}.{name}")
    elif isinstance(said, list) and isinstance(real, list) and len(said) <= len(real):
        for index, value in enumerate(said):
            yield from _differences(value, real[index], f"{path}[{index}]")
    elif said != real and (said or real):  # an empty list is left out, which says the same
        yield f"{path}: {said!r} became {real!r}"
