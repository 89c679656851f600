"""AWS::KMS::Key and ::Alias."""

from __future__ import annotations

from runbook.local.aws.cloudformation.conform import document
from runbook.local.aws.cloudformation.types.base import Context, ResourceType, Setting, only
from runbook.local.aws.moto_wire import Json


def _tags(tags: dict[str, str]) -> list[Json]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def _make_key(context: Context, wanted: Json) -> str:
    given = only(wanted, "Description", "KeySpec", "KeyUsage", "MultiRegion")
    if "KeyPolicy" in wanted:
        given["Policy"] = document(wanted["KeyPolicy"])
    if "Tags" in wanted:
        given["Tags"] = _tags(wanted["Tags"])
    return str(context.call("kms", "CreateKey", **given)["KeyMetadata"]["KeyId"])


def _set_key(setting: Setting) -> None:
    key, wanted = setting.id, setting.wanted
    for name, yes, no, default in (
        ("EnableKeyRotation", "EnableKeyRotation", "DisableKeyRotation", False),
        ("Enabled", "EnableKey", "DisableKey", True),
    ):
        value, before = (str(one.get(name, default)).lower() for one in (wanted, setting.had))
        if value != before:
            setting.call("kms", yes if value == "true" else no, KeyId=key)
    if setting.had:
        _set_key_again(setting)


def _set_key_again(setting: Setting) -> None:
    key, wanted = setting.id, setting.wanted
    if setting.differs("Description"):
        description = wanted.get("Description", "")
        setting.call("kms", "UpdateKeyDescription", KeyId=key, Description=description)
    if setting.differs("KeyPolicy") and "KeyPolicy" in wanted:
        policy = document(wanted["KeyPolicy"])
        setting.call("kms", "PutKeyPolicy", KeyId=key, PolicyName="default", Policy=policy)
    if tags := setting.tags_to_set():
        setting.call("kms", "TagResource", KeyId=key, Tags=_tags(tags))
    if keys := setting.tags_to_take_away():
        setting.call("kms", "UntagResource", KeyId=key, TagKeys=keys)


def _remove_key(context: Context, key: str, had: Json) -> None:
    days = had.get("PendingWindowInDays", 30)
    context.call("kms", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)


def _make_alias(context: Context, wanted: Json) -> str:
    name = str(wanted["AliasName"])
    context.call("kms", "CreateAlias", AliasName=name, TargetKeyId=wanted["TargetKeyId"])
    return name


def _set_alias(setting: Setting) -> None:
    if setting.had and setting.differs("TargetKeyId"):
        target = setting.wanted["TargetKeyId"]
        setting.call("kms", "UpdateAlias", AliasName=setting.id, TargetKeyId=target)


def _remove_alias(context: Context, name: str, _had: Json) -> None:
    context.call("kms", "DeleteAlias", AliasName=name)


TYPES = {
    "AWS::KMS::Key": ResourceType(
        properties=(
            "Description", "EnableKeyRotation", "Enabled", "KeyPolicy", "KeySpec", "KeyUsage", "MultiRegion",
            "PendingWindowInDays", "Tags",
        ),
        fixed=("KeySpec", "KeyUsage", "MultiRegion"),
        attributes=("Arn", "KeyId"),
        make=_make_key,
        set=_set_key,
        remove=_remove_key,
        tell=lambda context, key, _wanted: {"Arn": context.arn("kms", f"key/{key}"), "KeyId": key},
    ),
    "AWS::KMS::Alias": ResourceType(
        properties=("AliasName", "TargetKeyId"),
        required=("AliasName", "TargetKeyId"),
        fixed=("AliasName",),
        named="AliasName",
        make=_make_alias,
        set=_set_alias,
        remove=_remove_alias,
    ),
}  # fmt: skip
