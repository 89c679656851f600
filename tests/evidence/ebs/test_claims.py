from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.ebs.claims import Volume, volumes, wants_ebs
from runbook.model import Resource, Seen
from tests.given.ports import ABSENT, Table, provided
from tests.given.storage import absent_volume, claim, storage_class, volume

BODY = {
    "metadata": {"name": "pv-orders"},
    "spec": {"csi": {"driver": "ebs.csi.aws.com", "volumeHandle": "vol-1"}},
    "status": {"phase": "Bound"},
}


@pytest.mark.parametrize("named", ["orders-0", ""])
def test_a_volume_that_does_not_exist_is_kept_as_absent(named: str) -> None:
    def one(parameters: dict[str, Any]) -> Any:
        return BODY if parameters["name"] == "pv-orders" else ABSENT

    table = Table({"k8s:get persistentvolumes": one, "k8s:list persistentvolumes": {"items": [BODY]}})
    claims = Seen((claim(), claim("data-orders-1", volume="pv-gone")))
    given = {"parameters": {"ApplicationPodName": named}, "claims": claims}
    found: Seen[Volume] = provided(volumes, table, **given)
    assert {v.resource.name: v.resource.exists for v in found} == {"pv-gone": False, "pv-orders": True}
    assert next(v for v in found if not v.resource.exists) == Volume(
        resource=Resource(kind="PersistentVolume", name="pv-gone")
    )


def test_a_claim_whose_volume_is_gone_is_judged_by_its_class() -> None:
    ours, theirs = storage_class(), storage_class(provisioner="efs.csi.aws.com")
    assert wants_ebs(claim(), (ours,), (absent_volume(),))
    assert not wants_ebs(claim(), (theirs,), (absent_volume(),))
    assert not wants_ebs(claim(), (ours,), (volume(driver="efs.csi.aws.com"),))
