"""Operations that create, change and delete stacks: each is begun at once and goes on in a thread."""

from __future__ import annotations

import re

from runbook.local.aws.account import Account
from runbook.local.aws.cloudformation.changes import anything
from runbook.local.aws.cloudformation.changing import change
from runbook.local.aws.cloudformation.creating import create, deletion
from runbook.local.aws.cloudformation.requests import clients_of, desired
from runbook.local.aws.cloudformation.stack import Desired, Stack, now
from runbook.local.aws.cloudformation.stacks import Stacks
from runbook.local.aws.cloudformation.text import invalid
from runbook.local.aws.moto_wire import AwsError, Json

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
UPDATABLE = (
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
)  # fmt: skip


def new_stack(stacks: Stacks, parameters: Json, wanted: Desired) -> Stack:
    """A stack that has nothing yet, on the account's list. Raises AwsError."""
    name = parameters["StackName"]
    if not _NAME.fullmatch(name):
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member"
            " must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    role = parameters.get("RoleARN", "")
    stack = Stack(
        id=stacks.new_id(name),
        name=name,
        desired=wanted,
        clients=clients_of(stacks.account, role, "AWSCloudFormation"),
        role=role,
        token=parameters.get("ClientRequestToken", ""),
        on_failure=_on_failure(parameters),
        minutes=parameters.get("TimeoutInMinutes", 0),
        protected=parameters.get("EnableTerminationProtection", False),
        notified=tuple(parameters.get("NotificationARNs", [])),
    )
    stacks.all[stack.id] = stack
    return stack


def _on_failure(parameters: Json) -> str:
    if "DisableRollback" in parameters and "OnFailure" in parameters:
        raise invalid("You cannot specify both OnFailure and DisableRollback in the same request.")
    rolled_back = "DO_NOTHING" if parameters.get("DisableRollback") else "ROLLBACK"
    return str(parameters.get("OnFailure", rolled_back))


def create_stack(account: Account, parameters: Json) -> Json:
    stacks = account.part(Stacks)
    wanted = desired(account, parameters)
    with stacks.lock:
        existing = stacks.living(parameters["StackName"])
        if existing is not None:
            if existing.token and existing.token == parameters.get("ClientRequestToken"):
                return {"StackId": existing.id}
            raise AwsError("AlreadyExistsException", f"Stack [{existing.name}] already exists")
        stack = new_stack(stacks, parameters, wanted)
        stack.turn_to("CREATE_IN_PROGRESS", "User Initiated")
        stacks.begin(stack, create)
    return {"StackId": stack.id}


def updatable(stack: Stack) -> None:
    """Raises AwsError."""
    if stack.status not in UPDATABLE:
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def take_over(stacks: Stacks, stack: Stack, parameters: Json) -> None:
    """A role that is given once stays the stack's; without one it acts as whoever asks now."""
    role = parameters.get("RoleARN", stack.role)
    stack.clients = clients_of(stacks.account, role, "AWSCloudFormation")
    stack.role, stack.token = role, parameters.get("ClientRequestToken", "")


def update_stack(account: Account, parameters: Json) -> Json:
    stacks = account.part(Stacks)
    with stacks.lock:
        stack = stacks.find(parameters["StackName"])
        updatable(stack)
        wanted = desired(account, parameters, stack.desired)
        if not anything(stacks, stack, wanted):
            raise invalid("No updates are to be performed.")
        take_over(stacks, stack, parameters)
        stack.status = "UPDATE_IN_PROGRESS"
        stacks.begin(stack, change(wanted, roll_back=not parameters.get("DisableRollback")))
    return {"StackId": stack.id}


def delete_stack(account: Account, parameters: Json) -> Json:
    """As in AWS, success also where there is no such stack, or it is on its way already."""
    stacks = account.part(Stacks)
    with stacks.lock:
        named = parameters["StackName"]
        stack = stacks.all.get(named) or stacks.living(named)
        if stack is None or stack.deleted is not None or stack.status == "DELETE_IN_PROGRESS":
            return {}
        _deletable(stacks, stack, parameters)
        take_over(stacks, stack, parameters)
        if stack.status == "REVIEW_IN_PROGRESS":
            stack.turn_to("DELETE_COMPLETE", "User Initiated")
            stack.deleted = now()
            return {}
        stack.status = "DELETE_IN_PROGRESS"
        stacks.begin(stack, deletion(parameters.get("RetainResources", [])))
    return {}


def _deletable(stacks: Stacks, stack: Stack, parameters: Json) -> None:
    if stack.protected:
        raise invalid(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    if stack.status.startswith("UPDATE_") and stack.status.endswith("_IN_PROGRESS"):
        raise invalid(f"Stack [{stack.name}] cannot be deleted while in status {stack.status}")
    if parameters.get("RetainResources") and stack.status != "DELETE_FAILED":
        raise invalid(
            f"Invalid operation on stack [{stack.id}]. RetainResources is for stacks in DELETE_FAILED only."
        )
    exported = {output.get("ExportName") for output in stack.outputs}
    for other in list(stacks.all.values()):
        if other.deleted is None and (used := sorted(stacks.imports(other) & exported)):
            raise invalid(f"Export {used[0]} cannot be deleted as it is in use by {other.name}")


def update_termination_protection(account: Account, parameters: Json) -> Json:
    stack = account.part(Stacks).find(parameters["StackName"])
    stack.protected = parameters["EnableTerminationProtection"]
    return {"StackId": stack.id}
