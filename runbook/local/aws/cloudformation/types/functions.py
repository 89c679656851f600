"""AWS::Lambda::Function."""

from __future__ import annotations

import io
import zipfile

from runbook.local.aws.cloudformation.types.base import Context, ResourceType, Setting, only, without
from runbook.local.aws.moto_wire import Json

_SETTINGS = (
    "Description", "Environment", "EphemeralStorage", "Handler", "LoggingConfig", "MemorySize", "Role",
    "Runtime", "Timeout", "VpcConfig",
)  # fmt: skip
# What a setting is again when a template no longer has it.
_DEFAULTS: Json = {
    "Description": "", "Environment": {}, "EphemeralStorage": {"Size": 512}, "MemorySize": 128, "Timeout": 3,
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}  # fmt: skip


def _code(wanted: Json) -> Json:
    """A template's ZipFile is not a zip but the text of index.py."""
    code: Json = wanted["Code"]
    if "ZipFile" not in code:
        return code
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), code["ZipFile"])
    return {**code, "ZipFile": packed.getvalue()}


def _make(context: Context, wanted: Json) -> str:
    name = str(wanted.get("FunctionName") or context.name())
    given = without(wanted, "Code", "FunctionName")
    context.call("lambda", "CreateFunction", FunctionName=name, Code=_code(wanted), **given)
    return name


def _set(setting: Setting) -> None:
    if not setting.had:
        return
    name, wanted = setting.id, setting.wanted
    if setting.differs("Code", "Architectures"):
        code = {**_code(wanted), **only(wanted, "Architectures")}
        setting.call("lambda", "UpdateFunctionCode", FunctionName=name, **code)
    if setting.differs(*_SETTINGS):
        absent = {key: value for key, value in _DEFAULTS.items() if key in setting.had}
        values = absent | only(wanted, *_SETTINGS)
        setting.call("lambda", "UpdateFunctionConfiguration", FunctionName=name, **values)
    arn = setting.context.arn("lambda", f"function:{name}")
    if tags := setting.tags_to_set():
        setting.call("lambda", "TagResource", Resource=arn, Tags=tags)
    if keys := setting.tags_to_take_away():
        setting.call("lambda", "UntagResource", Resource=arn, TagKeys=keys)


def _remove(context: Context, name: str, _had: Json) -> None:
    context.call("lambda", "DeleteFunction", FunctionName=name)


TYPES = {
    "AWS::Lambda::Function": ResourceType(
        properties=("Architectures", "Code", "FunctionName", "PackageType", "Tags", *_SETTINGS),
        required=("Code", "Role"),
        fixed=("FunctionName", "PackageType"),
        named="FunctionName",
        attributes=("Arn",),
        make=_make,
        set=_set,
        remove=_remove,
        tell=lambda context, name, _wanted: {"Arn": context.arn("lambda", f"function:{name}")},
    ),
}
