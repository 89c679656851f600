from __future__ import annotations

from runbook.evidence.ebs.usual_role import NAME, UsualRole
from runbook.model import Unavailable
from runbook.remedies.role import new_name
from tests.given.account import cluster

USUAL = UsualRole(arn=f"arn:aws:iam::111122223333:role/{NAME}", policy={})
NO_ROLE = UsualRole(arn="", policy={})


def test_a_name_that_is_free_and_not_too_long() -> None:
    assert new_name(cluster(), NO_ROLE) == NAME
    assert new_name(cluster(), Unavailable("refused")) == f"{NAME}_shop"
    assert len(new_name(cluster(name="c" * 100), USUAL)) == 64
