"""AWS::SSM::Document and ::Parameter."""

from __future__ import annotations

from botocore.exceptions import ClientError

from runbook.local.aws.cloudformation.conform import document
from runbook.local.aws.cloudformation.types.base import (
    Context,
    Failed,
    ResourceType,
    Setting,
    only,
    tag_list,
    without,
)
from runbook.local.aws.moto_wire import Json


def _make_document(context: Context, wanted: Json) -> str:
    name = str(wanted.get("Name") or context.name(128))
    given = without(wanted, "Content", "Name", "UpdateMethod", "Tags")
    tags = {"Tags": tag_list(wanted)} if "Tags" in wanted else {}
    context.call("ssm", "CreateDocument", Name=name, Content=document(wanted["Content"]), **given, **tags)
    return name


def _set_document(setting: Setting) -> None:
    name, wanted = setting.id, setting.wanted
    if setting.had and setting.differs(
        "Content", "Attachments", "VersionName", "DocumentFormat", "TargetType"
    ):
        if wanted.get("UpdateMethod") != "NewVersion":
            raise Failed(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename"
                f" {name} and update the stack again."
            )
        version = _new_version(setting)
        setting.call("ssm", "UpdateDocumentDefaultVersion", Name=name, DocumentVersion=version)
    if setting.had:
        _set_tags(setting, "Document")


def _new_version(setting: Setting) -> str:
    """A new version, or that of this name from an earlier update, to which the stack goes back."""
    name, wanted = setting.id, setting.wanted
    try:
        updated = setting.call(
            "ssm",
            "UpdateDocument",
            Name=name,
            Content=document(wanted["Content"]),
            DocumentVersion="$LATEST",
            **only(wanted, "Attachments", "VersionName", "DocumentFormat", "TargetType"),
        )
        return str(updated["DocumentDescription"]["DocumentVersion"])
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("DuplicateDocument") or "VersionName" not in wanted:
            raise
    named = setting.call("ssm", "DescribeDocument", Name=name, VersionName=wanted["VersionName"])
    return str(named["Document"]["DocumentVersion"])


def _set_tags(setting: Setting, kind: str) -> None:
    if tags := setting.tags_to_set():
        listed = tag_list({"Tags": tags})
        setting.call("ssm", "AddTagsToResource", ResourceType=kind, ResourceId=setting.id, Tags=listed)
    if keys := setting.tags_to_take_away():
        setting.call("ssm", "RemoveTagsFromResource", ResourceType=kind, ResourceId=setting.id, TagKeys=keys)


def _remove_document(context: Context, name: str, _had: Json) -> None:
    context.call("ssm", "DeleteDocument", Name=name)


def _make_parameter(context: Context, wanted: Json) -> str:
    name = str(wanted.get("Name") or f"CFN-{context.name(128)}")
    tags = {"Tags": tag_list(wanted)} if "Tags" in wanted else {}
    context.call("ssm", "PutParameter", Name=name, **without(wanted, "Name", "Tags"), **tags)
    return name


def _set_parameter(setting: Setting) -> None:
    if not setting.had:
        return
    if without(setting.wanted, "Tags") != without(setting.had, "Tags"):
        values = without(setting.wanted, "Name", "Tags")
        setting.call("ssm", "PutParameter", Name=setting.id, Overwrite=True, **values)
    _set_tags(setting, "Parameter")


def _remove_parameter(context: Context, name: str, _had: Json) -> None:
    context.call("ssm", "DeleteParameter", Name=name)


TYPES = {
    "AWS::SSM::Document": ResourceType(
        properties=(
            "Attachments", "Content", "DocumentFormat", "DocumentType", "Name", "Requires", "Tags",
            "TargetType", "UpdateMethod", "VersionName",
        ),
        required=("Content",),
        fixed=("DocumentType", "Name", "Requires"),
        named="Name",
        make=_make_document,
        set=_set_document,
        remove=_remove_document,
    ),
    "AWS::SSM::Parameter": ResourceType(
        properties=(
            "AllowedPattern", "DataType", "Description", "Name", "Policies", "Tags", "Tier", "Type", "Value",
        ),
        required=("Type", "Value"),
        fixed=("Name",),
        named="Name",
        attributes=("Type", "Value"),
        make=_make_parameter,
        set=_set_parameter,
        remove=_remove_parameter,
        tell=lambda _context, _name, wanted: only(wanted, "Type", "Value"),
    ),
}  # fmt: skip
