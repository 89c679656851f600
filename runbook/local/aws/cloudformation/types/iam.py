"""AWS::IAM::Role, ::ManagedPolicy, ::Policy."""

from __future__ import annotations

from runbook.local.aws.cloudformation.conform import document
from runbook.local.aws.cloudformation.types.base import Context, ResourceType, Setting, only, tag_list
from runbook.local.aws.moto_wire import Json


def _make_role(context: Context, wanted: Json) -> str:
    name = str(wanted.get("RoleName") or context.name())
    context.call(
        "iam",
        "CreateRole",
        RoleName=name,
        AssumeRolePolicyDocument=document(wanted["AssumeRolePolicyDocument"]),
        **only(wanted, "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"),
        **({"Tags": tag_list(wanted)} if "Tags" in wanted else {}),
    )
    return name


def _set_role(setting: Setting) -> None:
    role, wanted, had = setting.id, setting.wanted, setting.had
    if had:
        _set_role_itself(setting)
    policies = {one["PolicyName"]: document(one["PolicyDocument"]) for one in wanted.get("Policies", [])}
    before = {one["PolicyName"]: document(one["PolicyDocument"]) for one in had.get("Policies", [])}
    for name, text in policies.items():
        if before.get(name) != text:
            setting.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=text)
    for name in [one for one in before if one not in policies]:
        setting.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)
    attached, were = wanted.get("ManagedPolicyArns", []), had.get("ManagedPolicyArns", [])
    for arn in [one for one in attached if one not in were]:
        setting.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
    for arn in [one for one in were if one not in attached]:
        setting.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)


def _set_role_itself(setting: Setting) -> None:
    role, wanted = setting.id, setting.wanted
    if setting.differs("AssumeRolePolicyDocument"):
        text = document(wanted["AssumeRolePolicyDocument"])
        setting.call("iam", "UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=text)
    if setting.differs("Description", "MaxSessionDuration"):
        values = {"Description": "", "MaxSessionDuration": 3600} | only(
            wanted, "Description", "MaxSessionDuration"
        )
        setting.call("iam", "UpdateRole", RoleName=role, **values)
    if setting.differs("PermissionsBoundary"):
        if boundary := wanted.get("PermissionsBoundary"):
            setting.call("iam", "PutRolePermissionsBoundary", RoleName=role, PermissionsBoundary=boundary)
        else:
            setting.call("iam", "DeleteRolePermissionsBoundary", RoleName=role)
    if tags := setting.tags_to_set():
        setting.call("iam", "TagRole", RoleName=role, Tags=tag_list({"Tags": tags}))
    if keys := setting.tags_to_take_away():
        setting.call("iam", "UntagRole", RoleName=role, TagKeys=keys)


def _remove_role(context: Context, role: str, _had: Json) -> None:
    """With all that it has, also where its making was cut short."""
    for name in context.call("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]:
        context.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)
    for policy in context.call("iam", "ListAttachedRolePolicies", RoleName=role)["AttachedPolicies"]:
        context.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=policy["PolicyArn"])
    context.call("iam", "DeleteRole", RoleName=role)


def _tell_role(context: Context, role: str, _wanted: Json) -> Json:
    found = context.call("iam", "GetRole", RoleName=role)["Role"]
    return {"Arn": found["Arn"], "RoleId": found["RoleId"]}


def _make_managed(context: Context, wanted: Json) -> str:
    created = context.call(
        "iam",
        "CreatePolicy",
        PolicyName=wanted.get("ManagedPolicyName") or context.name(128),
        PolicyDocument=document(wanted["PolicyDocument"]),
        **only(wanted, "Path", "Description"),
    )
    return str(created["Policy"]["Arn"])


def _set_managed(setting: Setting) -> None:
    if setting.had and setting.differs("PolicyDocument"):
        versions = setting.call("iam", "ListPolicyVersions", PolicyArn=setting.id)["Versions"]
        for version in [one["VersionId"] for one in versions if not one["IsDefaultVersion"]]:
            setting.call("iam", "DeletePolicyVersion", PolicyArn=setting.id, VersionId=version)
        text = document(setting.wanted["PolicyDocument"])
        setting.call(
            "iam", "CreatePolicyVersion", PolicyArn=setting.id, PolicyDocument=text, SetAsDefault=True
        )
    wanted, had = setting.wanted.get("Roles", []), setting.had.get("Roles", [])
    for role in [one for one in wanted if one not in had]:
        setting.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=setting.id)
    for role in [one for one in had if one not in wanted]:
        setting.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=setting.id)


def _remove_managed(context: Context, arn: str, had: Json) -> None:
    for role in had.get("Roles", []):
        context.drop("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)
    for version in context.call("iam", "ListPolicyVersions", PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            context.call("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])
    context.call("iam", "DeletePolicy", PolicyArn=arn)


def _make_inline(_context: Context, wanted: Json) -> str:
    return str(wanted["PolicyName"])


def _set_inline(setting: Setting) -> None:
    name, wanted, had = setting.id, setting.wanted.get("Roles", []), setting.had.get("Roles", [])
    text = document(setting.wanted["PolicyDocument"])
    for role in wanted if setting.differs("PolicyDocument") else [one for one in wanted if one not in had]:
        setting.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=text)
    for role in [one for one in had if one not in wanted]:
        setting.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)


def _remove_inline(context: Context, name: str, had: Json) -> None:
    for role in had.get("Roles", []):
        context.drop("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)


TYPES = {
    "AWS::IAM::Role": ResourceType(
        properties=(
            "AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path",
            "PermissionsBoundary", "Policies", "RoleName", "Tags",
        ),
        required=("AssumeRolePolicyDocument",),
        fixed=("Path", "RoleName"),
        named="RoleName",
        attributes=("Arn", "RoleId"),
        make=_make_role,
        set=_set_role,
        remove=_remove_role,
        tell=_tell_role,
    ),
    "AWS::IAM::ManagedPolicy": ResourceType(
        properties=("Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles"),
        required=("PolicyDocument",),
        fixed=("Description", "ManagedPolicyName", "Path"),
        named="ManagedPolicyName",
        attributes=("PolicyArn",),
        make=_make_managed,
        set=_set_managed,
        remove=_remove_managed,
        tell=lambda _context, arn, _wanted: {"PolicyArn": arn},
    ),
    "AWS::IAM::Policy": ResourceType(
        properties=("PolicyDocument", "PolicyName", "Roles"),
        required=("PolicyDocument", "PolicyName"),
        fixed=("PolicyName",),
        attributes=("Id",),
        make=_make_inline,
        set=_set_inline,
        remove=_remove_inline,
        tell=lambda _context, name, _wanted: {"Id": name},
    ),
}  # fmt: skip
