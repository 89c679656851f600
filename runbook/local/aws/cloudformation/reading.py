"""Operations that tell of stacks, their resources and events, and of templates."""

from __future__ import annotations

from runbook.local.aws.account import Account
from runbook.local.aws.cloudformation.requests import template_text
from runbook.local.aws.cloudformation.stack import Resource, Stack
from runbook.local.aws.cloudformation.stacks import Stacks
from runbook.local.aws.cloudformation.template import Template, read
from runbook.local.aws.cloudformation.text import invalid
from runbook.local.aws.moto_wire import AwsError, Json

_PAGE = 100


def page(items: list[Json], parameters: Json, key: str) -> Json:
    """One page of a list."""
    start = int(parameters.get("NextToken") or 0)
    more = {"NextToken": str(start + _PAGE)} if start + _PAGE < len(items) else {}
    return {key: items[start : start + _PAGE], **more}


def told(stack: Stack) -> Json:
    """As DescribeStacks tells it."""
    optional = {
        "Description": stack.desired.template.description,
        "StackStatusReason": stack.reason,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "RoleARN": stack.role,
        "TimeoutInMinutes": stack.minutes,
    }
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "StackStatus": stack.status,
        "CreationTime": stack.created,
        "Parameters": [one.told(name) for name, one in stack.desired.parameters.items()],
        "Outputs": list(stack.outputs),
        "Tags": [{"Key": key, "Value": value} for key, value in stack.desired.tags.items()],
        "Capabilities": list(stack.desired.capabilities),
        "NotificationARNs": list(stack.notified),
        "DisableRollback": stack.on_failure == "DO_NOTHING",
        "RollbackConfiguration": {},
        "EnableTerminationProtection": stack.protected,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        **{key: value for key, value in optional.items() if value},
    }


def describe_stacks(account: Account, parameters: Json) -> Json:
    stacks = account.part(Stacks)
    if "StackName" in parameters:
        return {"Stacks": [told(stacks.find(parameters["StackName"]))]}
    living = [told(one) for one in _newest(stacks) if one.deleted is None]
    return page(living, parameters, "Stacks")


def _newest(stacks: Stacks) -> list[Stack]:
    return list(reversed(list(stacks.all.values())))


def list_stacks(account: Account, parameters: Json) -> Json:
    wanted = parameters.get("StackStatusFilter")
    found = [one for one in _newest(account.part(Stacks)) if not wanted or one.status in wanted]
    return page([_summary(one) for one in found], parameters, "StackSummaries")


def _summary(stack: Stack) -> Json:
    keys = (
        "StackId", "StackName", "StackStatus", "StackStatusReason", "CreationTime", "LastUpdatedTime",
        "DeletionTime", "DriftInformation",
    )  # fmt: skip
    whole = told(stack)
    summary = {key: whole[key] for key in keys if key in whole}
    if stack.desired.template.description:
        summary["TemplateDescription"] = stack.desired.template.description
    return summary


def describe_stack_events(account: Account, parameters: Json) -> Json:
    stack = account.part(Stacks).find(parameters["StackName"])
    return page(list(reversed(stack.events)), parameters, "StackEvents")


def _resource(stack: Stack, resource: Resource) -> Json:
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "LogicalResourceId": resource.logical,
        "PhysicalResourceId": resource.id,
        "ResourceType": resource.type,
        "ResourceStatus": resource.status,
        **({"ResourceStatusReason": resource.reason} if resource.reason else {}),
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def _resources(stack: Stack, parameters: Json) -> list[Resource]:
    wanted = parameters.get("LogicalResourceId")
    found = [one for one in list(stack.resources.values()) if wanted in (None, one.logical)]
    if wanted is not None and not found:
        raise invalid(f"Resource {wanted} does not exist for stack {stack.name}")
    return found


def describe_stack_resources(account: Account, parameters: Json) -> Json:
    stacks = account.part(Stacks)
    if "StackName" in parameters:
        stack = stacks.find(parameters["StackName"])
    else:
        stack = _owner(stacks, parameters.get("PhysicalResourceId", ""))
    found = _resources(stack, parameters)
    return {"StackResources": [{**_resource(stack, one), "Timestamp": one.changed} for one in found]}


def _owner(stacks: Stacks, physical: str) -> Stack:
    for stack in _newest(stacks):
        if stack.deleted is None and physical in [one.id for one in list(stack.resources.values())]:
            return stack
    raise invalid(f"Stack for {physical} does not exist")


def describe_stack_resource(account: Account, parameters: Json) -> Json:
    stack = account.part(Stacks).find(parameters["StackName"])
    found = _resources(stack, parameters)[0]
    metadata = stack.desired.template.resources.get(found.logical, {}).get("Metadata")
    detail = {**_resource(stack, found), "LastUpdatedTimestamp": found.changed}
    if metadata:
        detail["Metadata"] = str(metadata)
    return {"StackResourceDetail": detail}


def list_stack_resources(account: Account, parameters: Json) -> Json:
    stack = account.part(Stacks).find(parameters["StackName"])
    summaries = []
    for one in list(stack.resources.values()):
        summary = {**_resource(stack, one), "LastUpdatedTimestamp": one.changed}
        del summary["StackId"], summary["StackName"]
        summaries.append(summary)
    return page(summaries, parameters, "StackResourceSummaries")


def list_exports(account: Account, parameters: Json) -> Json:
    exports = [
        {"ExportingStackId": stack.id, "Name": one["ExportName"], "Value": one["OutputValue"]}
        for stack in account.part(Stacks).all.values()
        if stack.deleted is None
        for one in stack.outputs
        if "ExportName" in one
    ]
    return page(exports, parameters, "Exports")


def _declared(template: Template) -> list[Json]:
    return [
        {
            "ParameterKey": name,
            "ParameterType": one["Type"],
            "NoEcho": str(one.get("NoEcho", "")).lower() == "true",
            **({"DefaultValue": str(one["Default"])} if "Default" in one else {}),
            **({"Description": one["Description"]} if "Description" in one else {}),
        }
        for name, one in template.parameters.items()
    ]


def _capabilities(template: Template) -> Json:
    needed = template.capabilities()
    if not needed:
        return {}
    kinds = sorted({one["Type"] for one in template.resources.values() if "::IAM::" in one["Type"]})
    why = f"The following resource(s) require capabilities: [{', '.join(kinds)}]"
    return {"Capabilities": needed, "CapabilitiesReason": why}


def validate_template(account: Account, parameters: Json) -> Json:
    template = read(template_text(account, parameters))
    declared = [{k: v for k, v in one.items() if k != "ParameterType"} for one in _declared(template)]
    return {"Parameters": declared, "Description": template.description, **_capabilities(template)}


def get_template_summary(account: Account, parameters: Json) -> Json:
    if "StackName" in parameters:
        template = account.part(Stacks).find(parameters["StackName"]).desired.template
    else:
        template = read(template_text(account, parameters))
    types = sorted({one["Type"] for one in template.resources.values()})
    return {
        "Parameters": [{**one, "ParameterConstraints": {}} for one in _declared(template)],
        "Description": template.description,
        "ResourceTypes": types,
        "Version": "2010-09-09",
        **_capabilities(template),
    }


def get_template(account: Account, parameters: Json) -> Json:
    stacks = account.part(Stacks)
    stack = stacks.find(parameters["StackName"])
    desired = stack.desired
    if "ChangeSetName" in parameters:
        found = stacks.change_set(stack.id, parameters["ChangeSetName"])
        if found is None:
            name = parameters["ChangeSetName"]
            raise AwsError("ChangeSetNotFoundException", f"ChangeSet [{name}] does not exist", 404)
        desired = found.desired
    return {"TemplateBody": desired.template.text, "StagesAvailable": ["Original", "Processed"]}
