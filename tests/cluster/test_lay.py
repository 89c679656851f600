from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from runbook.local.healthy import healthy
from runbook.local.world import World, stamp, uid
from tests.cluster.agreement import contradictions
from tests.cluster.control_plane import ControlPlane
from tests.cluster.lay import LayError, lay
from tests.cluster.reading import read
from tests.cluster.small import NODE, NOW, pod_spec, small

WEB = uid("Pod", "shop", "web")


def test_an_object_keeps_uid_and_age(plane: ControlPlane) -> None:
    lay(small(), plane)
    metadata = read(plane, "/api/v1/namespaces/shop/pods/web")["metadata"]
    age = datetime.now(UTC) - datetime.fromisoformat(metadata["creationTimestamp"])
    assert metadata["uid"] == WEB
    assert timedelta(days=9) <= age < timedelta(days=9, minutes=2)


def test_an_event_is_found_by_the_uid_it_speaks_of(plane: ControlPlane) -> None:
    lay(small(), plane)
    selector = f"fieldSelector=involvedObject.uid={WEB}"
    events = read(plane, f"/api/v1/namespaces/shop/events?{selector}")["items"]
    assert [event["reason"] for event in events] == ["BackOff"]


def test_what_a_world_says_stays_true(plane: ControlPlane) -> None:
    world = healthy()
    shift = lay(world, plane)
    time.sleep(3)  # as long as the real components take to find something to mend
    assert contradictions(world, plane, shift) == []


def test_a_contradiction_is_seen(plane: ControlPlane) -> None:
    world = small()
    shift = lay(world, plane)
    world.get("Pod", "web", "shop")["spec"]["nodeName"] = "another"
    world.add("Pod", "lost", "shop")
    assert contradictions(world, plane, shift) == [
        f"Pod shop/web.spec.nodeName: 'another' became '{NODE}'",
        'Pod shop/lost: pods "lost" not found',
    ]


def test_a_field_that_kubernetes_does_not_know_is_refused(plane: ControlPlane) -> None:
    wrong = World(now=NOW, aws={})
    wrong.add("Namespace", "shop")
    wrong.add("Pod", "web", "shop", spec=pod_spec(nodename=NODE))
    with pytest.raises(LayError, match=re.escape(r"unknown field \"spec.nodename\"")):
        lay(wrong, plane)


def test_the_next_world_replaces_the_last(plane: ControlPlane) -> None:
    lay(small(), plane)
    other = World(now=NOW, aws={})
    leaving = {"deletionTimestamp": stamp(NOW)}
    other.add("Namespace", "bank", status={"phase": "Terminating"}, metadata=leaving)
    other.add("Pod", "teller", "bank", spec=pod_spec(), status={"phase": "Pending"})
    lay(other, plane)
    pods = read(plane, "/api/v1/pods")["items"]
    assert [pod["metadata"]["name"] for pod in pods] == ["teller"]
    assert read(plane, "/api/v1/nodes")["items"] == []
    assert read(plane, "/api/v1/namespaces/bank")["status"]["phase"] == "Terminating"
