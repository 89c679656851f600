from __future__ import annotations

from decimal import Decimal

import pytest

from runbook.evidence.quantities import quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10", 10),
        ("500m", Decimal("0.5")),
        ("250u", Decimal("0.00025")),
        ("1e3", 1000),
        ("2k", 2000),
        ("1.5Gi", 1610612736),
        ("20Gi", 21474836480),
        ("1T", 1000000000000),
    ],
)
def test_a_quantity_is_a_number(text: str, number: Decimal | int) -> None:
    assert quantity(text) == number


@pytest.mark.parametrize("text", ["", "Gi", "10 GB", "ten", "1KB"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is not a quantity"):
        quantity(text)
