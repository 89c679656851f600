from __future__ import annotations

from runbook.evidence.ebs.asked import Asked, asked
from runbook.evidence.pods import Container, Pod
from runbook.model import Seen
from tests.given.account import addon
from tests.given.driver import controller
from tests.given.nodes import node_plugin
from tests.given.ports import Table, provided
from tests.given.storage import storage_class, waiting_claim
from tests.given.target import pod, target


def ask(*pods: Pod) -> Asked:
    """Nothing is named."""
    found: Asked = provided(
        asked,
        Table({}),
        parameters={"ApplicationPodName": "", "ApplicationNamespace": ""},
        target=target(*pods, asked=()),
        claims=Seen((waiting_claim(),)),
        storage_classes=(storage_class(),),
        volumes=Seen(),
        controller=controller(),
        node_plugin=node_plugin(),
        addon=addon(),
    )
    return found


def test_a_pod_that_waits_for_its_volume() -> None:
    found = ask(pod())
    assert found.state == "pod shop/orders-0 waits for an EBS volume"
    assert not found.of_the_driver


def test_a_pod_whose_image_is_being_pulled_has_its_volume() -> None:
    pulling = Container(name="orders", ready=False, restarts=0, waiting="ImagePullBackOff")
    found = ask(pod(containers=(pulling,)))
    assert found.state == "no pod waits for an EBS volume"
    assert (found.pods, found.of_the_driver, found.suffering) == ((), True, False)
