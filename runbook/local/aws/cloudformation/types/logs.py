"""AWS::Logs::LogGroup."""

from __future__ import annotations

from runbook.local.aws.cloudformation.types.base import Context, ResourceType, Setting
from runbook.local.aws.moto_wire import Json


def _make(context: Context, wanted: Json) -> str:
    name = str(wanted.get("LogGroupName") or context.name(512))
    optional = {"KmsKeyId": "kmsKeyId", "LogGroupClass": "logGroupClass", "Tags": "tags"}
    given = {api: wanted[key] for key, api in optional.items() if key in wanted}
    context.call("logs", "CreateLogGroup", logGroupName=name, **given)
    return name


def _set(setting: Setting) -> None:
    name, wanted = setting.id, setting.wanted
    if setting.differs("RetentionInDays"):
        if days := wanted.get("RetentionInDays"):
            setting.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
        else:
            setting.call("logs", "DeleteRetentionPolicy", logGroupName=name)
    if setting.had:
        arn = setting.context.arn("logs", f"log-group:{name}")
        if tags := setting.tags_to_set():
            setting.call("logs", "TagResource", resourceArn=arn, tags=tags)
        if keys := setting.tags_to_take_away():
            setting.call("logs", "UntagResource", resourceArn=arn, tagKeys=keys)


def _remove(context: Context, name: str, _had: Json) -> None:
    context.call("logs", "DeleteLogGroup", logGroupName=name)


TYPES = {
    "AWS::Logs::LogGroup": ResourceType(
        properties=("KmsKeyId", "LogGroupClass", "LogGroupName", "RetentionInDays", "Tags"),
        fixed=("KmsKeyId", "LogGroupClass", "LogGroupName"),
        named="LogGroupName",
        attributes=("Arn",),
        make=_make,
        set=_set,
        remove=_remove,
        tell=lambda context, name, _wanted: {"Arn": context.arn("logs", f"log-group:{name}:*")},
    ),
}
