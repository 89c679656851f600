"""Actions that make and remove CloudFormation stacks."""

from __future__ import annotations

from botocore.exceptions import ClientError

from runbook.local.automation.actions.api import INTERVAL, ask
from runbook.local.automation.actions.base import POLL, Action, ActionFailed, Answer, Work
from runbook.local.automation.document import Json


def create(work: Work) -> Answer:
    """aws:createStack: succeeds once the stack is CREATE_COMPLETE."""
    # An abandoned call could still make the stack, after those who clean up have looked for it.
    identifier = ask(work, "cloudformation", "CreateStack", work.inputs, whole=True)["StackId"]
    while (stack := _stack(work, identifier))["StackStatus"].endswith("_IN_PROGRESS"):
        work.pulse.pause(INTERVAL)
    outputs = {
        "StackId": identifier,
        "StackStatus": stack["StackStatus"],
        "StackStatusReason": stack.get("StackStatusReason", ""),
    }
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise ActionFailed(_unexpected(stack), stage=POLL)
    return Answer(payload=outputs, outputs=outputs)


def delete(work: Work) -> Answer:
    """aws:deleteStack: succeeds once the stack is gone, and at once where there is none."""
    try:
        identifier = _stack(work, work.inputs["StackName"])["StackId"]
    except ActionFailed as error:
        if _absent(error):
            return Answer()
        raise
    ask(work, "cloudformation", "DeleteStack", work.inputs)
    while True:
        try:
            stack = _stack(work, identifier)
        except ActionFailed as error:
            if _absent(error):
                return Answer()
            raise
        if stack["StackStatus"] == "DELETE_COMPLETE":
            return Answer()
        if stack["StackStatus"] == "DELETE_FAILED":
            raise ActionFailed(_unexpected(stack), stage=POLL)
        work.pulse.pause(INTERVAL)


def _stack(work: Work, name: str) -> Json:
    found: Json = ask(work, "cloudformation", "DescribeStacks", {"StackName": name})["Stacks"][0]
    return found


def _absent(error: ActionFailed) -> bool:
    cause = error.__cause__
    return isinstance(cause, ClientError) and "does not exist" in str(cause)


def _unexpected(stack: Json) -> str:
    reason = stack.get("StackStatusReason", "No reason was given.")
    return f"Stack {stack['StackName']} entered unexpected state: {stack['StackStatus']}. {reason}"


STACK_ACTIONS = {
    "aws:createStack": Action(run=create, required=("StackName",)),
    "aws:deleteStack": Action(run=delete, required=("StackName",)),
}
