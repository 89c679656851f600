"""Short ways to ask a control plane, for tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.cluster.control_plane import ControlPlane


def get(plane: ControlPlane, path: str, identity: str = "admin") -> tuple[int, str]:
    """Status code and text."""
    with plane.rest(identity) as rest:
        answer = rest.ask("GET", path)
    return answer.status, answer.text


def read(plane: ControlPlane, path: str, identity: str = "admin") -> Any:
    """The document, be it a refusal."""
    with plane.rest(identity) as rest:
        return rest.ask("GET", path).json


def eventually(ask: Callable[[], Any], seconds: float = 30) -> Any:
    """The first answer that is not empty, or the last; components need a moment to act."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer


def message(plane: ControlPlane, namespace: str, name: str, reason: str) -> str:
    """What the first event of that reason says about that object; waits for it."""
    about = f"involvedObject.name={name},reason={reason}"
    path = f"/api/v1/namespaces/{namespace}/events?fieldSelector={about}"
    events = eventually(lambda: read(plane, path)["items"])
    assert events, f"no event {reason} about {name}"
    return str(events[0]["message"])
