"""AWS::EKS::AccessEntry."""

from __future__ import annotations

from runbook.local.aws.cloudformation.types.base import Context, ResourceType, Setting, lower_camel
from runbook.local.aws.moto_wire import Json


def _named(entry: str) -> Json:
    """The id of an entry is its principal and its cluster."""
    principal, _, cluster = entry.rpartition("|")
    return {"clusterName": cluster, "principalArn": principal}


def _make(context: Context, wanted: Json) -> str:
    names = {"KubernetesGroups": "kubernetesGroups", "Tags": "tags", "Type": "type", "Username": "username"}
    given = {api: wanted[key] for key, api in names.items() if key in wanted}
    entry = f"{wanted['PrincipalArn']}|{wanted['ClusterName']}"
    context.call("eks", "CreateAccessEntry", **_named(entry), **given)
    return entry


def _set(setting: Setting) -> None:
    wanted, named = setting.wanted, _named(setting.id)
    if setting.had and setting.differs("KubernetesGroups", "Username"):
        values = {"kubernetesGroups": wanted.get("KubernetesGroups", [])}
        if "Username" in wanted:
            values["username"] = wanted["Username"]
        setting.call("eks", "UpdateAccessEntry", **named, **values)
    policies = {one["PolicyArn"]: one["AccessScope"] for one in wanted.get("AccessPolicies", [])}
    had = {one["PolicyArn"]: one["AccessScope"] for one in setting.had.get("AccessPolicies", [])}
    for arn, scope in policies.items():
        if had.get(arn) != scope:
            scoped = {"policyArn": arn, "accessScope": lower_camel(scope)}
            setting.call("eks", "AssociateAccessPolicy", **named, **scoped)
    for arn in [one for one in had if one not in policies]:
        setting.call("eks", "DisassociateAccessPolicy", **named, policyArn=arn)
    if setting.had:
        _set_tags(setting)


def _set_tags(setting: Setting) -> None:
    arn = _tell(setting.context, setting.id, setting.wanted)["AccessEntryArn"]
    if tags := setting.tags_to_set():
        setting.call("eks", "TagResource", resourceArn=arn, tags=tags)
    if keys := setting.tags_to_take_away():
        setting.call("eks", "UntagResource", resourceArn=arn, tagKeys=keys)


def _remove(context: Context, entry: str, _had: Json) -> None:
    context.call("eks", "DeleteAccessEntry", **_named(entry))


def _tell(context: Context, entry: str, _wanted: Json) -> Json:
    found = context.call("eks", "DescribeAccessEntry", **_named(entry))["accessEntry"]
    return {"AccessEntryArn": found["accessEntryArn"]}


TYPES = {
    "AWS::EKS::AccessEntry": ResourceType(
        properties=(
            "AccessPolicies", "ClusterName", "KubernetesGroups", "PrincipalArn", "Tags", "Type", "Username",
        ),
        required=("ClusterName", "PrincipalArn"),
        fixed=("ClusterName", "PrincipalArn", "Type"),
        attributes=("AccessEntryArn",),
        make=_make,
        set=_set,
        remove=_remove,
        tell=_tell,
    ),
}  # fmt: skip
