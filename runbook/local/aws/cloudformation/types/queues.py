"""AWS::SQS::Queue and ::QueuePolicy."""

from __future__ import annotations

from runbook.local.aws.cloudformation.conform import document
from runbook.local.aws.cloudformation.types.base import Context, ResourceType, Setting, without
from runbook.local.aws.moto_wire import Json

_ATTRIBUTES = (
    "ContentBasedDeduplication", "DelaySeconds", "FifoQueue", "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled", "VisibilityTimeout",
)  # fmt: skip
# SQS's value of an attribute that a template no longer has.
_DEFAULTS = {
    "DelaySeconds": "0", "KmsMasterKeyId": "", "MaximumMessageSize": "1048576", "RedrivePolicy": "",
    "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0", "VisibilityTimeout": "30",
}  # fmt: skip


def _attributes(wanted: Json) -> dict[str, str]:
    """All are texts in the API."""
    return {key: _text(value) for key, value in without(wanted, "QueueName", "Tags").items()}


def _text(value: object) -> str:
    if isinstance(value, dict):
        return document(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _make(context: Context, wanted: Json) -> str:
    name = wanted.get("QueueName") or context.name(80)
    tags = {"tags": wanted["Tags"]} if "Tags" in wanted else {}
    made = context.call("sqs", "CreateQueue", QueueName=name, Attributes=_attributes(wanted), **tags)
    return str(made["QueueUrl"])


def _set(setting: Setting) -> None:
    if not setting.had:
        return
    wanted, had = _attributes(setting.wanted), _attributes(setting.had)
    gone = {key: _DEFAULTS.get(key, "") for key in had if key not in wanted}
    changed = gone | {key: value for key, value in wanted.items() if had.get(key) != value}
    if changed:
        setting.call("sqs", "SetQueueAttributes", QueueUrl=setting.id, Attributes=changed)
    if tags := setting.tags_to_set():
        setting.call("sqs", "TagQueue", QueueUrl=setting.id, Tags=tags)
    if keys := setting.tags_to_take_away():
        setting.call("sqs", "UntagQueue", QueueUrl=setting.id, TagKeys=keys)


def _remove(context: Context, url: str, _had: Json) -> None:
    context.call("sqs", "DeleteQueue", QueueUrl=url)


def _tell(context: Context, url: str, _wanted: Json) -> Json:
    name = url.rpartition("/")[2]
    return {"Arn": context.arn("sqs", name), "QueueName": name, "QueueUrl": url}


def _make_policy(context: Context, _wanted: Json) -> str:
    return context.name()


def _set_policy(setting: Setting) -> None:
    policy = {"Policy": document(setting.wanted["PolicyDocument"])}
    queues = setting.wanted["Queues"]
    for url in queues:
        setting.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes=policy)
    for url in [one for one in setting.had.get("Queues", []) if one not in queues]:
        setting.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": ""})


def _remove_policy(context: Context, _id: str, had: Json) -> None:
    for url in had["Queues"]:
        context.drop("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": ""})


TYPES = {
    "AWS::SQS::Queue": ResourceType(
        properties=("QueueName", "Tags", *_ATTRIBUTES),
        fixed=("FifoQueue", "QueueName"),
        named="QueueName",
        attributes=("Arn", "QueueName", "QueueUrl"),
        make=_make,
        set=_set,
        remove=_remove,
        tell=_tell,
    ),
    "AWS::SQS::QueuePolicy": ResourceType(
        properties=("PolicyDocument", "Queues"),
        required=("PolicyDocument", "Queues"),
        make=_make_policy,
        set=_set_policy,
        remove=_remove_policy,
    ),
}
