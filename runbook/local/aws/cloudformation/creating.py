"""How a stack is created, rolled back and deleted."""

from __future__ import annotations

import time
from collections.abc import Collection

from runbook.local.aws.cloudformation.references import dependencies
from runbook.local.aws.cloudformation.stack import Stack, now
from runbook.local.aws.cloudformation.stacks import Stacks, Work
from runbook.local.aws.cloudformation.types.base import Failed
from runbook.local.aws.cloudformation.work import Worker, present


def create(stacks: Stacks, stack: Stack, turn: int) -> None:
    """Make every resource, or undo those that were made as the request says."""
    worker = Worker(stacks=stacks, stack=stack, turn=turn)
    why = _made(worker)
    if not why:
        stack.turn_to("CREATE_COMPLETE")
    elif stack.on_failure == "DO_NOTHING":
        stack.turn_to("CREATE_FAILED", why)
    elif stack.on_failure == "DELETE":
        _delete(worker, f"{why}Delete requested by user.", ())
    else:
        _roll_back(worker, f"{why}Rollback requested by user.")


def _made(worker: Worker) -> str:
    """Why the creation failed; empty when it did not."""
    stack, desired = worker.stack, worker.stack.desired
    until = time.monotonic() + stack.minutes * 60 if stack.minutes else float("inf")
    try:
        for logical in present(desired, worker.scope(desired)):
            worker.go_on()
            if time.monotonic() > until:
                return "Stack creation time exceeded the specified timeout. "
            if not worker.create(desired, logical):
                return f"The following resource(s) failed to create: [{logical}]. "
        worker.go_on()
        stack.outputs = worker.outputs(desired)
    except Failed as failed:
        return f"{failed.words} "
    return ""


def _roll_back(worker: Worker, why: str) -> None:
    stack = worker.stack
    stack.turn_to("ROLLBACK_IN_PROGRESS", why)
    if failed := _remove_all(worker, ()):
        stack.turn_to("ROLLBACK_FAILED", _not_deleted(failed))
    else:
        stack.turn_to("ROLLBACK_COMPLETE")


def deletion(retained: Collection[str]) -> Work:
    """Delete a stack, but leave the resources with these logical ids where they are."""

    def delete(stacks: Stacks, stack: Stack, turn: int) -> None:
        _delete(Worker(stacks=stacks, stack=stack, turn=turn), "User Initiated", retained)

    return delete


def _delete(worker: Worker, why: str, retained: Collection[str]) -> None:
    stack = worker.stack
    stack.turn_to("DELETE_IN_PROGRESS", why)
    if failed := _remove_all(worker, retained):
        stack.turn_to("DELETE_FAILED", _not_deleted(failed))
        return
    stack.deleted = now()
    stack.turn_to("DELETE_COMPLETE")


def _not_deleted(failed: list[str]) -> str:
    return f"The following resource(s) failed to delete: [{', '.join(failed)}]. "


def _remove_all(worker: Worker, retained: Collection[str]) -> list[str]:
    """Remove what was made, each before what it depends on; the logical ids of what could not be."""
    stack, template = worker.stack, worker.stack.desired.template
    failed: list[str] = []
    needed: set[str] = set()
    for logical in reversed(template.order):
        worker.go_on()
        resource = stack.resources.get(logical)
        if resource is None or not resource.id or resource.status in ("DELETE_COMPLETE", "DELETE_SKIPPED"):
            continue
        if logical in retained:
            stack.tell(resource, "DELETE_SKIPPED")
            continue
        stays = logical in needed
        if not stays and not worker.remove(resource):
            stays = True
            failed.append(logical)
        if stays:
            needed.update(dependencies(template.resources[logical]))
    return failed
