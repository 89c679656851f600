"""Kubernetes quantities as numbers, so that they can be compared and added."""

from __future__ import annotations

import re
from decimal import Decimal

_FORM = re.compile(r"(?P<number>[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(?P<suffix>[A-Za-z]*)")
_SUFFIXES = {
    "": Decimal(1),
    **{"num"[i]: Decimal(10) ** power for i, power in enumerate((-9, -6, -3))},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", start=1)},
}


def quantity(text: str) -> Decimal:
    """`10`, `500m`, `20Gi` as a number. Raises ValueError for what is none.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    found = _FORM.fullmatch(text.strip())
    if found is None or found["suffix"] not in _SUFFIXES:
        raise ValueError(f"'{text}' is not a quantity")
    return Decimal(found["number"]) * _SUFFIXES[found["suffix"]]
