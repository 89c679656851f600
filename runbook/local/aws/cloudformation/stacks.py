"""All stacks of the account, by name and by id, and the threads that work on them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from threading import RLock, Thread
from typing import Any

from runbook.local.aws.account import Account
from runbook.local.aws.cloudformation.intrinsics import resolve
from runbook.local.aws.cloudformation.scope import Scope
from runbook.local.aws.cloudformation.stack import ChangeSet, Desired, Stack
from runbook.local.aws.cloudformation.text import invalid
from runbook.local.aws.moto_wire import Json

Work = Callable[["Stacks", Stack, int], None]


class Superseded(Exception):
    """A later operation on the stack has begun, or the account is being closed."""


class Stacks:
    """`lock` is held while a request looks for a stack and decides what happens to it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.lock = RLock()
        self.all: dict[str, Stack] = {}
        self.closing = False

    def close(self) -> None:
        self.closing = True
        for stack in list(self.all.values()):
            if stack.thread is not None:
                stack.thread.join()

    def find(self, name_or_id: str) -> Stack:
        """A stack by its name, or by its id also when it is deleted. Raises AwsError."""
        found = self.all.get(name_or_id) or self.living(name_or_id)
        if found is None:
            raise invalid(f"Stack with id {name_or_id} does not exist")
        return found

    def living(self, name: str) -> Stack | None:
        found = (one for one in list(self.all.values()) if one.name == name and one.deleted is None)
        return next(found, None)

    def change_set(self, stack: str, name_or_id: str) -> ChangeSet | None:
        """A change set by its id, or by its name and its stack's name or id."""
        for one in list(self.all.values()):
            for found in list(one.change_sets.values()):
                if found.id == name_or_id or (found.name == name_or_id and stack in (one.id, one.name)):
                    return found
        return None

    def new_id(self, name: str) -> str:
        """An ARN; the same for the same stack in every run."""
        digest = uuid.uuid5(uuid.NAMESPACE_OID, f"{name} {len(self.all)}")
        account = self.account
        where = f"arn:{account.partition}:cloudformation:{account.region}:{account.id}"
        return f"{where}:stack/{name}/{digest}"

    def begin(self, stack: Stack, work: Work) -> None:
        """Do the work in a thread, after the one that may still be at it has stopped."""
        earlier = stack.thread
        stack.turn += 1
        turn = stack.turn

        def run() -> None:
            if earlier is not None:
                earlier.join()
            try:
                self.go_on(stack, turn)
                work(self, stack, turn)
            except Superseded:
                return

        stack.thread = Thread(target=run, daemon=True, name=f"stack-{stack.name}")
        stack.thread.start()

    def go_on(self, stack: Stack, turn: int) -> None:
        """Raise Superseded when the turn is over."""
        if self.closing or stack.turn != turn:
            raise Superseded

    def exports(self) -> dict[str, str]:
        """The exported values of the Region by name."""
        return {
            output["ExportName"]: output["OutputValue"]
            for stack in list(self.all.values())
            if stack.deleted is None
            for output in stack.outputs
            if "ExportName" in output
        }

    def imports(self, stack: Stack) -> set[str]:
        """The names of the exports that a stack uses."""
        template = stack.desired.template
        scope = self.scope(stack, stack.desired, {key: one.made for key, one in stack.resources.items()})
        return {str(resolve(name, scope)) for name in _imported([template.resources, template.outputs])}

    def scope(self, stack: Stack, desired: Desired, made: dict[str, Any]) -> Scope:
        """What a stack's values are computed from, as things are now."""
        account = self.account
        return Scope(
            parameters=desired.values,
            pseudo={
                **place(account),
                "AWS::NotificationARNs": list(stack.notified),
                "AWS::StackId": stack.id,
                "AWS::StackName": stack.name,
            },
            mappings=desired.template.mappings,
            conditions=desired.template.conditions,
            made=made,
            exports=self.exports,
            zones=lambda: _zones(stack),
        )


def place(account: Account) -> dict[str, Any]:
    """The pseudo parameters that are the same for every stack."""
    return {
        "AWS::AccountId": account.id,
        "AWS::Partition": account.partition,
        "AWS::Region": account.region,
        "AWS::URLSuffix": "amazonaws.com.cn" if account.partition == "aws-cn" else "amazonaws.com",
    }


def _zones(stack: Stack) -> list[str]:
    answer: Json = stack.clients("ec2", "DescribeAvailabilityZones")
    return sorted(zone["ZoneName"] for zone in answer["AvailabilityZones"])


def _imported(value: Any) -> Iterator[Any]:
    match value:
        case {"Fn::ImportValue": name, **others} if not others:
            yield name
        case dict():
            for one in value.values():
                yield from _imported(one)
        case list():
            for one in value:
                yield from _imported(one)
