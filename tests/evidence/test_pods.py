from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.pods import Pod, pod

CREATING = {"name": "orders", "ready": False, "state": {"waiting": {"reason": "ContainerCreating"}}}
INITIALIZING = {"name": "orders", "ready": False, "state": {"waiting": {"reason": "PodInitializing"}}}
CRASHING = {"name": "orders", "ready": False, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
RUNNING = {"name": "orders", "ready": True, "state": {"running": {}}}
UNREADY = {"name": "orders", "ready": False, "state": {"running": {}}}
STATELESS = {"name": "orders", "ready": False, "state": {}}
DONE = {"name": "migrate", "ready": True, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
MIGRATING = {"name": "migrate", "ready": False, "state": {"running": {}}}


def read(init: list[dict[str, Any]], main: list[dict[str, Any]], **spec: Any) -> Pod:
    return pod(
        {
            "metadata": {
                "name": "orders-0",
                "namespace": "shop",
                "creationTimestamp": "2026-11-12T06:30:00Z",
            },
            "spec": spec,
            "status": {"initContainerStatuses": init, "containerStatuses": main},
        }
    )


@pytest.mark.parametrize(
    ("init", "main", "mounted", "stopped_by"),
    [
        ([], [], False, None),
        ([], [CREATING], False, None),
        ([], [STATELESS], False, None),
        ([], [RUNNING], True, None),
        ([], [UNREADY], True, "orders"),
        ([], [CRASHING], True, "orders"),
        ([MIGRATING], [INITIALIZING], True, "migrate"),
        ([DONE], [INITIALIZING], True, None),
        ([DONE], [CRASHING], True, "orders"),
    ],
)
def test_a_container_that_was_reached_shows_that_the_volumes_are_mounted(
    init: list[dict[str, Any]], main: list[dict[str, Any]], mounted: bool, stopped_by: str | None
) -> None:
    found = read(init, main)
    container = found.stopped_by
    assert (found.mounted, container and container.name) == (mounted, stopped_by)


def test_scheduling_gates() -> None:
    assert read([], [], schedulingGates=[{"name": "example.com/approved"}]).gates == ("example.com/approved",)
