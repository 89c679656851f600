"""What an update would do: the changes of a change set, and whether there are any."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from runbook.local.aws.cloudformation.changing import requires_new
from runbook.local.aws.cloudformation.intrinsics import resolve
from runbook.local.aws.cloudformation.scope import Made, Scope
from runbook.local.aws.cloudformation.stack import Desired, Resource, Stack
from runbook.local.aws.cloudformation.stacks import Stacks
from runbook.local.aws.cloudformation.text import invalid
from runbook.local.aws.cloudformation.types import TYPES
from runbook.local.aws.cloudformation.types.base import Failed
from runbook.local.aws.cloudformation.work import present
from runbook.local.aws.moto_wire import Json

_LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"
_BESIDE = ("Metadata", "DeletionPolicy", "UpdateReplacePolicy")


class _Later(dict[str, Any]):
    """The attributes of a resource that is not made yet."""

    def __missing__(self, _name: str) -> str:
        return _LATER


_NOT_YET = Made(id=_LATER, attributes=_Later())


def changes(stacks: Stacks, stack: Stack, new: Desired) -> list[Json]:
    """As DescribeChangeSet tells them. Raises AwsError where a value cannot be computed."""
    made = {logical: one.made for logical, one in stack.resources.items() if one.id}
    scope = stacks.scope(stack, new, made)
    found: list[Json] = []
    for logical in present(new, scope):
        current = stack.resources.get(logical)
        kind = new.template.resources[logical]["Type"]
        if current is None:
            made[logical] = _NOT_YET
            found.append({"Action": "Add", "LogicalResourceId": logical, "ResourceType": kind, "Scope": []})
            continue
        if kind != current.type:
            raise invalid(
                "Update of resource type is not permitted. The new template modifies resource type of the"
                f" following resources: [{logical}]"
            )
        if changed := _modified(stack, current, new, scope):
            found.append(changed)
            if changed["Replacement"] == "True":
                made[logical] = _NOT_YET
    gone = [one for logical, one in stack.resources.items() if logical not in present(new, scope)]
    return [*found, *({"Action": "Remove", **_named(one), "Scope": []} for one in gone)]


def _named(resource: Resource) -> Json:
    return {
        "LogicalResourceId": resource.logical,
        "PhysicalResourceId": resource.id,
        "ResourceType": resource.type,
    }


def _modified(stack: Stack, current: Resource, new: Desired, scope: Scope) -> Json | None:
    written = new.template.resources[current.logical]
    kind, had = TYPES[current.type], current.properties
    wanted = resolve(written.get("Properties", {}), scope)
    with suppress(Failed):  # that it cannot be so shows when it is done, as in AWS
        wanted = kind.complete(wanted, new.tags)
    names = [name for name in {**had, **wanted} if had.get(name) != wanted.get(name)]
    old = stack.desired.template.resources.get(current.logical, {})
    beside = [name for name in _BESIDE if old.get(name) != written.get(name)]
    if not names and not beside:
        return None
    fixed = requires_new(kind, had, wanted)
    scopes = [*(["Properties"] if set(names) - {"Tags"} else []), *(["Tags"] if "Tags" in names else [])]
    return {
        "Action": "Modify",
        **_named(current),
        "Replacement": "True" if fixed else "False",
        "Scope": [*scopes, *beside],
        "Details": [_detail(name, always=name in fixed) for name in names],
    }


def _detail(name: str, *, always: bool) -> Json:
    target = (
        {"Attribute": "Tags", "RequiresRecreation": "Never"}
        if name == "Tags"
        else {
            "Attribute": "Properties",
            "Name": name,
            "RequiresRecreation": "Always" if always else "Never",
        }
    )
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def anything(stacks: Stacks, stack: Stack, new: Desired) -> bool:
    """Whether an update would do anything: to resources, outputs or the stack's own tags."""
    return (
        bool(changes(stacks, stack, new))
        or stack.desired.template.outputs != new.template.outputs
        or dict(stack.desired.tags) != dict(new.tags)
        or (bool(new.template.outputs) and stack.desired.values != new.values)
    )
