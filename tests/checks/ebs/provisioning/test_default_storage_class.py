from __future__ import annotations

import pytest

from runbook.checks.ebs.provisioning.default_storage_class import default_storage_class
from runbook.evidence.ebs.claims import Claim, StorageClass
from runbook.model import NotApplicable, Problem, Seen
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.storage import storage_class, waiting_claim


def problems(claim: Claim, *classes: StorageClass) -> list[Problem]:
    return list(default_storage_class(Seen((claim,)), classes, aftercare()))


def test_a_default_class_is_well() -> None:
    assert problems(waiting_claim(storage_class=None), storage_class(default=True)) == []


@pytest.mark.parametrize("named", ["", "gp3"])
def test_a_claim_that_names_its_class_or_wants_none(named: str) -> None:
    with pytest.raises(NotApplicable, match="no claim leaves its StorageClass to the default"):
        problems(waiting_claim(storage_class=named), storage_class())


def test_no_default_class() -> None:
    (problem,) = problems(waiting_claim(storage_class=None), storage_class("gp2"), storage_class("gp3"))
    assert problem.summary == (
        "claim shop/data-orders-0 names no StorageClass, and the cluster has no default one"
    )
    assert commands(problem) == [
        "kubectl annotate storageclass gp3 storageclass.kubernetes.io/is-default-class=true --overwrite",
        VERIFY,
    ]


def test_no_class_of_the_driver_at_all() -> None:
    (problem,) = problems(
        waiting_claim(storage_class=None), storage_class("efs", provisioner="efs.csi.aws.com")
    )
    assert commands(problem) == [
        (
            'printf %s \'{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", '
            '"metadata": {"name": "gp3", '
            '"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": '
            '"ebs.csi.aws.com", "parameters": {"type": "gp3", "encrypted": "true"}, "volumeBindingMode": '
            '"WaitForFirstConsumer", "allowVolumeExpansion": true}\' | kubectl apply -f -'
        ),
        VERIFY,
    ]
