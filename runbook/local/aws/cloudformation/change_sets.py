"""Change sets: what an update would do, looked at before it is done."""

from __future__ import annotations

import re
import uuid

from runbook.local.aws.account import Account
from runbook.local.aws.cloudformation.changes import anything, changes
from runbook.local.aws.cloudformation.changing import change
from runbook.local.aws.cloudformation.creating import create
from runbook.local.aws.cloudformation.operations import UPDATABLE, new_stack, take_over, updatable
from runbook.local.aws.cloudformation.reading import page
from runbook.local.aws.cloudformation.requests import desired
from runbook.local.aws.cloudformation.stack import ChangeSet, Stack
from runbook.local.aws.cloudformation.stacks import Stacks
from runbook.local.aws.cloudformation.text import invalid
from runbook.local.aws.moto_wire import AwsError, Json, not_embedded

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_EMPTY = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)
_NOT_EMBEDDED = ("DeploymentMode", "ResourcesToImport")


def create_change_set(account: Account, parameters: Json) -> Json:
    if extra := [name for name in _NOT_EMBEDDED if parameters.get(name)]:
        raise not_embedded("cloudformation:CreateChangeSet", f"Neither is its parameter {extra[0]}.")
    stacks = account.part(Stacks)
    with stacks.lock:
        stack = _stack(stacks, parameters)
        name = parameters["ChangeSetName"]
        if not _NAME.fullmatch(name):
            raise invalid(
                f"1 validation error detected: Value '{name}' at 'changeSetName' failed to satisfy"
                " constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            )
        if name in stack.change_sets:
            words = f"ChangeSet {name} cannot be created due to a mismatch with existing attribute Name"
            raise AwsError("AlreadyExistsException", words)
        wanted = desired(account, parameters, stack.desired)
        found = changes(stacks, stack, wanted)
        empty = stack.status != "REVIEW_IN_PROGRESS" and not anything(stacks, stack, wanted)
        stack.change_sets[name] = ChangeSet(
            id=_id(name, stack),
            name=name,
            stack=stack,
            desired=wanted,
            request=parameters,
            changes=found,
            status="FAILED" if empty else "CREATE_COMPLETE",
            execution="UNAVAILABLE" if empty else "AVAILABLE",
            reason=_EMPTY if empty else "",
        )
    return {"Id": stack.change_sets[name].id, "StackId": stack.id}


def _stack(stacks: Stacks, parameters: Json) -> Stack:
    """The stack to change, or a new one under review."""
    named, kind = parameters["StackName"], parameters.get("ChangeSetType", "UPDATE")
    found = stacks.all.get(named) or stacks.living(named)
    if kind == "IMPORT":
        raise not_embedded("cloudformation:CreateChangeSet", "Neither is its type IMPORT.")
    if kind == "CREATE" and found is not None and found.status != "REVIEW_IN_PROGRESS":
        raise invalid(
            f"Stack [{named}] already exists and cannot be created again with the changeSet"
            f" [{parameters['ChangeSetName']}]."
        )
    if kind == "CREATE" and found is None:
        stack = new_stack(stacks, parameters, desired(stacks.account, parameters))
        stack.turn_to("REVIEW_IN_PROGRESS", "User Initiated")
        return stack
    if found is None:
        raise invalid(f"Stack [{named}] does not exist")
    if kind == "UPDATE":
        updatable(found)
    return found


def _id(name: str, stack: Stack) -> str:
    digest = uuid.uuid5(uuid.NAMESPACE_OID, f"{stack.id} {name} {len(stack.events)}")
    return f"{stack.id.partition(':stack/')[0]}:changeSet/{name}/{digest}"


def _find(account: Account, parameters: Json) -> ChangeSet:
    name, stacks = parameters["ChangeSetName"], account.part(Stacks)
    if "StackName" not in parameters and not name.startswith("arn:"):
        raise invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
    found = stacks.change_set(parameters.get("StackName", ""), name)
    if found is None:
        raise AwsError("ChangeSetNotFoundException", f"ChangeSet [{name}] does not exist", 404)
    return found


def _summary(one: ChangeSet) -> Json:
    described = one.request.get("Description")
    return {
        "StackId": one.stack.id,
        "StackName": one.stack.name,
        "ChangeSetId": one.id,
        "ChangeSetName": one.name,
        "ExecutionStatus": one.execution,
        "Status": one.status,
        "CreationTime": one.created,
        "IncludeNestedStacks": False,
        **({"StatusReason": one.reason} if one.reason else {}),
        **({"Description": described} if described else {}),
    }


def describe_change_set(account: Account, parameters: Json) -> Json:
    found = _find(account, parameters)
    changed: list[Json] = [{"Type": "Resource", "ResourceChange": one} for one in found.changes]
    return {
        **_summary(found),
        "Parameters": [one.told(name) for name, one in found.desired.parameters.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in found.desired.tags.items()],
        "Capabilities": list(found.desired.capabilities),
        "NotificationARNs": [],
        **page(changed, parameters, "Changes"),
    }


def list_change_sets(account: Account, parameters: Json) -> Json:
    stack = account.part(Stacks).find(parameters["StackName"])
    return {"Summaries": [_summary(one) for one in list(stack.change_sets.values())]}


def delete_change_set(account: Account, parameters: Json) -> Json:
    """As in AWS, success also where there is none; a stack under review stays."""
    stacks = account.part(Stacks)
    found = stacks.change_set(parameters.get("StackName", ""), parameters["ChangeSetName"])
    if found is not None:
        del found.stack.change_sets[found.name]
    return {}


def execute_change_set(account: Account, parameters: Json) -> Json:
    stacks = account.part(Stacks)
    with stacks.lock:
        found = _find(account, parameters)
        stack = found.stack
        if found.execution != "AVAILABLE":
            words = f"ChangeSet [{found.id}] cannot be executed in its current status of [{found.status}]"
            raise AwsError("InvalidChangeSetStatus", words)
        if stack.status not in (*UPDATABLE, "REVIEW_IN_PROGRESS"):
            updatable(stack)
        take_over(stacks, stack, {**found.request, **parameters})
        found.execution = "EXECUTE_COMPLETE"
        stack.change_sets = {found.name: found}
        on_failure = found.request.get("OnStackFailure", "ROLLBACK")
        if parameters.get("DisableRollback"):
            on_failure = "DO_NOTHING"
        if stack.status == "REVIEW_IN_PROGRESS":
            stack.desired, stack.on_failure = found.desired, on_failure
            stack.turn_to("CREATE_IN_PROGRESS", "User Initiated")
            stacks.begin(stack, create)
        else:
            stack.status = "UPDATE_IN_PROGRESS"
            stacks.begin(stack, change(found.desired, roll_back=on_failure != "DO_NOTHING"))
    return {}
