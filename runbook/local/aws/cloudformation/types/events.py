"""AWS::Events::Rule."""

from __future__ import annotations

from runbook.local.aws.cloudformation.conform import document
from runbook.local.aws.cloudformation.types.base import (
    Context,
    Failed,
    ResourceType,
    Setting,
    only,
    tag_list,
)
from runbook.local.aws.moto_wire import Json


def _put(context: Context, name: str, wanted: Json) -> None:
    pattern = {"EventPattern": document(wanted["EventPattern"])} if "EventPattern" in wanted else {}
    given = only(wanted, "Description", "EventBusName", "RoleArn", "ScheduleExpression", "State")
    context.call("events", "PutRule", Name=name, **given, **pattern)


def _make(context: Context, wanted: Json) -> str:
    name = str(wanted.get("Name") or context.name())
    _put(context, name, wanted)
    return name


def _set(setting: Setting) -> None:
    name, wanted, bus = setting.id, setting.wanted, only(setting.wanted, "EventBusName")
    if setting.had and setting.differs(
        "Description", "EventPattern", "RoleArn", "ScheduleExpression", "State"
    ):
        _put(setting.context, name, wanted)
    targets, had = wanted.get("Targets", []), setting.had.get("Targets", [])
    ids = [target["Id"] for target in targets]
    if gone := [target["Id"] for target in had if target["Id"] not in ids]:
        setting.call("events", "RemoveTargets", Rule=name, Ids=gone, **bus)
    if targets and targets != had:
        answer = setting.call("events", "PutTargets", Rule=name, Targets=targets, **bus)
        if refused := answer.get("FailedEntries"):
            raise Failed(f"{refused[0]['ErrorCode']}: {refused[0]['ErrorMessage']}")
    arn = setting.context.arn("events", f"rule/{name}")
    if tags := setting.tags_to_set():
        setting.call("events", "TagResource", ResourceARN=arn, Tags=tag_list({"Tags": tags}))
    if keys := setting.tags_to_take_away():
        setting.call("events", "UntagResource", ResourceARN=arn, TagKeys=keys)


def _remove(context: Context, name: str, had: Json) -> None:
    bus = only(had, "EventBusName")
    if targets := had.get("Targets"):
        context.drop("events", "RemoveTargets", Rule=name, Ids=[one["Id"] for one in targets], **bus)
    context.call("events", "DeleteRule", Name=name, **bus)


def _tell(context: Context, name: str, wanted: Json) -> Json:
    bus = wanted.get("EventBusName", "default")
    return {"Arn": context.arn("events", f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")}


TYPES = {
    "AWS::Events::Rule": ResourceType(
        properties=(
            "Description", "EventBusName", "EventPattern", "Name", "RoleArn", "ScheduleExpression", "State",
            "Tags", "Targets",
        ),
        fixed=("EventBusName", "Name"),
        named="Name",
        attributes=("Arn",),
        make=_make,
        set=_set,
        remove=_remove,
        tell=_tell,
    ),
}  # fmt: skip
