from __future__ import annotations

import pytest

from runbook.checks.ebs.provisioning.storage_class_exists import storage_class_exists
from runbook.evidence.ebs.claims import Claim
from runbook.model import NotApplicable, Problem, Seen
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.storage import claim, storage_class, waiting_claim
from tests.given.target import event

CLASSES = (storage_class("gp2"), storage_class("gp3"))


def problems(*claims: Claim, classless: tuple[Claim, ...] = ()) -> list[Problem]:
    return list(storage_class_exists(Seen(claims), Seen(classless), CLASSES, aftercare()))


def test_a_known_class_is_well() -> None:
    assert problems(waiting_claim(storage_class="gp3")) == []


def test_a_class_that_a_static_volume_bears_is_well() -> None:
    assert problems(waiting_claim(storage_class="by-hand"), classless=()) == []


def test_bound_claims_need_no_class() -> None:
    with pytest.raises(NotApplicable, match="no claim that names a StorageClass waits for its volume"):
        problems(claim(storage_class="gone"))


def test_a_misspelt_class() -> None:
    said = event("ProvisioningFailed", 'storageclass.storage.k8s.io "gp33" not found')
    lost = waiting_claim(storage_class="gp33", events=(said,))
    (problem,) = problems(lost, classless=(lost,))
    assert problem.summary == (
        "StorageClass gp33, which claim shop/data-orders-0 names, does not exist (there is gp3)"
    )
    assert problem.facts == ("StorageClasses that exist: gp2 and gp3",)
    assert [e.excerpt for e in problem.evidence] == ['storageclass.storage.k8s.io "gp33" not found']
    assert commands(problem) == [
        "kubectl -n shop delete pvc data-orders-0",
        (
            'printf %s \'{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", '
            '"metadata": {"name": "gp33"}, '
            '"provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3", "encrypted": "true"}, '
            '"volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": true}\' | '
            "kubectl apply -f -"
        ),
        VERIFY,
    ]
    assert [step.destructive for step in problem.fix] == [True, False, False]


def test_a_class_unlike_any_other_is_created_first() -> None:
    lost = waiting_claim(storage_class="by-hand")
    (problem,) = problems(lost, classless=(lost,))
    assert [step.destructive for step in problem.fix] == [False, True, False]


def test_two_claims_of_one_missing_class_are_one_problem() -> None:
    both = (
        waiting_claim("data-orders-0", storage_class="fast"),
        waiting_claim("data-orders-1", storage_class="fast"),
    )
    (problem,) = problems(*both, classless=both)
    assert problem.summary == (
        "StorageClass fast, which claims shop/data-orders-0 and shop/data-orders-1 name, does not exist"
    )
