from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from runbook.local.world import World
from runbook.permissions import cluster_role
from tests.cluster.build import KUBERNETES
from tests.cluster.control_plane import ControlPlane
from tests.cluster.lay import lay, lay_access
from tests.cluster.reading import eventually, get, message, read
from tests.cluster.small import NODE, NOW, node_status, pod_spec, small

SHOP = "/api/v1/namespaces/shop"


@pytest.fixture
def shop(plane: ControlPlane) -> ControlPlane:
    lay(small(), plane)
    return plane


@pytest.fixture
def kwok(plane: ControlPlane) -> Iterator[ControlPlane]:
    plane.with_kwok = True
    yield plane
    plane.with_kwok = False


def test_ready(plane: ControlPlane) -> None:
    assert get(plane, "/readyz") == (200, "ok")


def test_version(plane: ControlPlane) -> None:
    assert read(plane, "/version")["gitVersion"] == KUBERNETES == "v1.34.4"


def test_the_real_scheduler_says_why_a_pod_waits(shop: ControlPlane) -> None:
    assert message(shop, "shop", "hungry", "FailedScheduling") == (
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    )


def test_the_real_volume_controller_misses_a_class(shop: ControlPlane) -> None:
    said = message(shop, "shop", "data", "ProvisioningFailed")
    assert said == 'storageclass.storage.k8s.io "gp33" not found'


def test_log(shop: ControlPlane) -> None:
    log = f"{SHOP}/pods/web/log?container=app"
    status, text = get(shop, log)
    first, second = text.splitlines()
    assert (status, second) == (200, "two")
    age = datetime.now(UTC) - datetime.fromisoformat(first.removesuffix(" one"))
    assert timedelta() <= age < timedelta(minutes=2)
    assert get(shop, f"{log}&tailLines=1") == (200, "two\n")
    assert get(shop, f"{log}&previous=true") == (200, "panic\n")


def test_a_log_that_is_not_there_is_refused_in_the_kubelets_words(shop: ControlPlane) -> None:
    refusal = read(shop, f"{SHOP}/pods/steady/log?previous=true")
    assert (refusal["code"], refusal["reason"]) == (400, "BadRequest")
    assert refusal["message"] == 'previous terminated container "app" in pod "steady" not found'


def test_a_pod_without_a_node_has_an_empty_log(shop: ControlPlane) -> None:
    assert get(shop, f"{SHOP}/pods/hungry/log") == (204, "")


def test_secrets_are_refused_by_the_real_authoriser(shop: ControlPlane) -> None:
    lay_access(shop, cluster_role(["k8s:list pods"]))
    assert eventually(lambda: get(shop, f"{SHOP}/pods", "runbook")[0] == 200)
    refusal = read(shop, f"{SHOP}/secrets", "runbook")
    assert (refusal["code"], refusal["reason"]) == (403, "Forbidden")
    assert refusal["message"] == (
        'secrets is forbidden: User "arn:aws:sts::111122223333:assumed-role/eks-runbook/execution" '
        'cannot list resource "secrets" in API group "" in the namespace "shop"'
    )


def test_kwok_runs_what_the_scheduler_placed(kwok: ControlPlane) -> None:
    world, labels = World(now=NOW, aws={}), {"labels": {"kwok": "yes"}}
    world.add("Namespace", "shop")
    world.add("Node", NODE, status=node_status(), metadata=labels)
    world.add("Pod", "web", "shop", spec=pod_spec(), metadata=labels)
    world.add("Pod", "stuck", "shop", spec=pod_spec(nodeName=NODE), status={"phase": "Pending"})
    lay(world, kwok)
    (web,) = eventually(lambda: read(kwok, f"{SHOP}/pods?fieldSelector=status.phase=Running")["items"])
    assert (web["metadata"]["name"], web["spec"]["nodeName"]) == ("web", NODE)
