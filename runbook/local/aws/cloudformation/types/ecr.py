"""AWS::ECR::Repository."""

from __future__ import annotations

from runbook.local.aws.cloudformation.conform import document
from runbook.local.aws.cloudformation.types.base import (
    Context,
    ResourceType,
    Setting,
    lower_camel,
    tag_list,
)
from runbook.local.aws.moto_wire import Json


def _make(context: Context, wanted: Json) -> str:
    name = str(wanted.get("RepositoryName") or context.name(256).lower())
    keys = ("EncryptionConfiguration", "ImageScanningConfiguration", "ImageTagMutability")
    given = lower_camel({key: wanted[key] for key in keys if key in wanted})
    tags = {"tags": tag_list(wanted)} if "Tags" in wanted else {}
    context.call("ecr", "CreateRepository", repositoryName=name, **given, **tags)
    return name


def _set(setting: Setting) -> None:
    name, wanted = setting.id, setting.wanted
    if setting.differs("LifecyclePolicy"):
        if policy := wanted.get("LifecyclePolicy"):
            text = policy["LifecyclePolicyText"]
            setting.call("ecr", "PutLifecyclePolicy", repositoryName=name, lifecyclePolicyText=text)
        else:
            setting.call("ecr", "DeleteLifecyclePolicy", repositoryName=name)
    if setting.differs("RepositoryPolicyText"):
        if text := wanted.get("RepositoryPolicyText"):
            setting.call("ecr", "SetRepositoryPolicy", repositoryName=name, policyText=document(text))
        else:
            setting.call("ecr", "DeleteRepositoryPolicy", repositoryName=name)
    if setting.had:
        _set_again(setting)


def _set_again(setting: Setting) -> None:
    name, wanted = setting.id, setting.wanted
    if setting.differs("ImageTagMutability"):
        value = wanted.get("ImageTagMutability", "MUTABLE")
        setting.call("ecr", "PutImageTagMutability", repositoryName=name, imageTagMutability=value)
    if setting.differs("ImageScanningConfiguration"):
        scanning = lower_camel(wanted.get("ImageScanningConfiguration", {"ScanOnPush": False}))
        setting.call(
            "ecr", "PutImageScanningConfiguration", repositoryName=name, imageScanningConfiguration=scanning
        )
    arn = setting.context.arn("ecr", f"repository/{name}")
    if tags := setting.tags_to_set():
        setting.call("ecr", "TagResource", resourceArn=arn, tags=tag_list({"Tags": tags}))
    if keys := setting.tags_to_take_away():
        setting.call("ecr", "UntagResource", resourceArn=arn, tagKeys=keys)


def _remove(context: Context, name: str, had: Json) -> None:
    force = had.get("EmptyOnDelete", False)
    context.call("ecr", "DeleteRepository", repositoryName=name, force=force)


def _tell(context: Context, name: str, _wanted: Json) -> Json:
    uri = f"{context.account}.dkr.ecr.{context.region}.amazonaws.com/{name}"
    return {"Arn": context.arn("ecr", f"repository/{name}"), "RepositoryUri": uri}


TYPES = {
    "AWS::ECR::Repository": ResourceType(
        properties=(
            "EmptyOnDelete", "EncryptionConfiguration", "ImageScanningConfiguration", "ImageTagMutability",
            "LifecyclePolicy", "RepositoryName", "RepositoryPolicyText", "Tags",
        ),
        fixed=("EncryptionConfiguration", "RepositoryName"),
        named="RepositoryName",
        attributes=("Arn", "RepositoryUri"),
        make=_make,
        set=_set,
        remove=_remove,
        tell=_tell,
    ),
}  # fmt: skip
