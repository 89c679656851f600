"""What the values of a stack are computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runbook.local.aws.moto_wire import Json


class _NoValue:
    """What AWS::NoValue stands for: the member that has it is not there."""


NO_VALUE: Final = _NoValue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A resource as others see it: what Ref gives, and what Fn::GetAtt gives."""

    id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a stack's values are computed from.

    `parameters` holds values, `pseudo` the pseudo parameters; `conditions` are as written; `made` are the
    resources there are; `exports` the Region's exported values by name; `zones` its Availability Zones.
    """

    parameters: Mapping[str, Any]
    pseudo: Mapping[str, Any]
    mappings: Json = field(default_factory=dict)
    conditions: Json = field(default_factory=dict)
    made: Mapping[str, Made] = field(default_factory=dict)
    exports: Callable[[], Mapping[str, str]] = dict
    zones: Callable[[], list[str]] = list


def scalar(value: Any) -> Any:
    """Parameters are texts, also where the template compares them with a number or a truth value."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
