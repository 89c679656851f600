from __future__ import annotations

from typing import Any

import pytest

from runbook.checks.ebs.target.ready import ready
from runbook.evidence.pods import Container, Pod
from runbook.model import NotApplicable, Resource, Unavailable
from tests.given.target import NOW, STATEFUL_SET, absent, asked, pod, target, unplaced, workload


def test_a_ready_pod_is_well() -> None:
    well = pod(ready=True, phase="Running")
    assert list(ready(asked(well), target(well), NOW)) == []


def test_a_finished_pod_is_well() -> None:
    done = pod(phase="Succeeded")
    assert list(ready(asked(done), target(done), NOW)) == []


@pytest.mark.parametrize(
    ("sick", "summary"),
    [
        (
            unplaced("0/3 nodes are available: 3 Insufficient cpu."),
            "pod shop/orders-0 has been Pending for 52 minutes: 0/3 nodes are available: 3 Insufficient cpu",
        ),
        (
            pod(containers=(Container(name="a", ready=False, restarts=0, waiting="ContainerCreating"),)),
            "pod shop/orders-0 has been Pending for 52 minutes: ContainerCreating",
        ),
        (pod(phase="Running"), "pod shop/orders-0 runs and is not ready"),
        (
            pod(phase="Running", containers=(Container(name="a", ready=True, restarts=0),)),
            "pod shop/orders-0 runs and is not ready; its volumes are mounted",
        ),
        (pod(terminating=True), "pod shop/orders-0 is to end and has not ended"),
    ],
)
def test_a_pod_that_is_not_ready(sick: Pod, summary: str) -> None:
    (problem,) = ready(asked(sick), target(sick), NOW)
    assert problem.summary == summary


MOUNTED = "pod shop/orders-0 is not ready, though its volumes are mounted: "
CREATING = Container(name="orders", ready=False, restarts=0, waiting="PodInitializing")


@pytest.mark.parametrize(
    ("changes", "name", "says", "command"),
    [
        (
            {"containers": (Container(name="orders", ready=False, restarts=0),), "phase": "Running"},
            "orders",
            "container orders is not ready (runs)",
            "kubectl -n shop logs orders-0 -c orders",
        ),
        (
            {"containers": (Container(name="orders", ready=False, restarts=3, waiting="CrashLoopBackOff"),)},
            "orders",
            "container orders is not ready (CrashLoopBackOff after 3 restarts)",
            "kubectl -n shop logs orders-0 -c orders --previous",
        ),
        (
            {
                "init_containers": (
                    Container(
                        name="migrate",
                        ready=False,
                        restarts=0,
                        waiting="ImagePullBackOff",
                        waiting_message="no such image.",
                    ),
                ),
                "containers": (CREATING,),
            },
            "migrate",
            "init container migrate is not ready (ImagePullBackOff): no such image",
            "kubectl -n shop logs orders-0 -c migrate",
        ),
    ],
)
def test_a_container_of_its_own_keeps_it_from_being_ready(
    changes: dict[str, Any], name: str, says: str, command: str
) -> None:
    sick = pod(**changes)
    (problem,) = ready(asked(sick), target(sick), NOW)
    assert problem.resource == Resource(kind="Container", namespace="shop", name=f"orders-0/{name}")
    assert problem.summary == MOUNTED + says
    assert [step.command for step in problem.fix] == [command]


def test_a_workload_that_lacks_pods() -> None:
    few = target(workload=workload(replicas=3, made=0, ready=0), asked=(STATEFUL_SET,))
    (problem,) = ready(asked(), few, NOW)
    assert problem.resource == STATEFUL_SET
    assert problem.summary == "StatefulSet shop/orders lacks 3 of 3 pods"


def test_no_pod_is_not_well() -> None:
    with pytest.raises(Unavailable, match="there is no pod to look at"):
        list(ready(asked(), absent(), NOW))


def test_nobody_waits() -> None:
    with pytest.raises(NotApplicable, match="no pod waits for an EBS volume"):
        list(ready(asked(named=False, state="no pod waits for an EBS volume"), target(), NOW))


def test_a_cut_list_is_not_well() -> None:
    with pytest.raises(Unavailable, match="was not complete"):
        list(ready(asked(named=False, whole=False), target(), NOW))
