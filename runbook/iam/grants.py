"""A grant: actions, on what, under which conditions, and why. A role's policy is a list of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

#: Values for the {names} in resources and conditions; a text is repeated for each value of a name.
Scope = Mapping[str, tuple[str, ...]]
Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One statement of a policy. `why` is told where it says more than the statement itself."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = field(default_factory=dict)
    effect: str = "Allow"
    why: str = ""


def select(actions: Iterable[str], grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Each grant with those of the actions that its patterns name; the first grant that fits gets an action.

    Raises LookupError for an action that none names, and for a grant that is left without.
    """
    tables = tuple(grants)
    given: dict[str, list[str]] = {grant.sid: [] for grant in tables}
    for action in sorted(actions):
        sid = next((g.sid for g in tables if any(fnmatchcase(action, p) for p in g.actions)), None)
        if sid is None:
            raise LookupError(f"no grant says on which resources {action} is needed: add it to runbook/iam")
        given[sid].append(action)
    if unused := [sid for sid, found in given.items() if not found]:
        raise LookupError(f"nothing declared needs the grants {', '.join(unused)}: remove them")
    return tuple(replace(grant, actions=tuple(given[grant.sid])) for grant in tables)


def policy(grants: Iterable[Grant], scope: Scope) -> dict[str, Any]:
    """The policy document."""
    return {"Version": "2012-10-17", "Statement": [statement(grant, scope) for grant in grants]}


def statement(grant: Grant, scope: Scope) -> dict[str, Any]:
    """One statement, with the names in it replaced."""
    conditions = {
        operator: {key: _one_or_more(values, scope) for key, values in keys.items()}
        for operator, keys in grant.conditions.items()
    }
    return {
        "Sid": grant.sid,
        "Effect": grant.effect,
        "Action": list(grant.actions),
        "Resource": [one for resource in grant.resources for one in filled(resource, scope)],
        **({"Condition": conditions} if conditions else {}),
    }


def _one_or_more(values: tuple[str, ...], scope: Scope) -> str | list[str]:
    found = [one for value in values for one in filled(value, scope)]
    return found[0] if len(found) == 1 else found


def filled(text: str, scope: Scope) -> Iterator[str]:
    """The text once for each combination of the values of the names in it."""
    names = list(dict.fromkeys(_NAME.findall(text)))
    for values in itertools.product(*(scope[name] for name in names)):
        yield text.format(**dict(zip(names, values, strict=True)))
