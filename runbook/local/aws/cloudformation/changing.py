"""How a stack is updated, and rolled back to what it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from runbook.local.aws.cloudformation.stack import Desired, Resource, Stack, now
from runbook.local.aws.cloudformation.stacks import Stacks, Work
from runbook.local.aws.cloudformation.types import TYPES
from runbook.local.aws.cloudformation.types.base import Failed, ResourceType
from runbook.local.aws.cloudformation.work import Worker, present
from runbook.local.aws.moto_wire import Json

_NEW = "Requested update requires the creation of a new physical resource; hence creating one."


def requires_new(kind: ResourceType, had: Json, wanted: Json) -> list[str]:
    """The properties whose change makes a new resource."""
    return [name for name in kind.fixed if had.get(name) != wanted.get(name)]


def change(new: Desired, *, roll_back: bool) -> Work:
    """Update a stack; what fails is undone unless `roll_back` is false."""

    def work(stacks: Stacks, stack: Stack, turn: int) -> None:
        stack.updated = now()
        stack.turn_to("UPDATE_IN_PROGRESS", "User Initiated")
        update = _Update(worker=Worker(stacks=stacks, stack=stack, turn=turn), new=new)
        if not (why := update.why_not()):
            update.clean_up()
        elif roll_back:
            update.undo(why)
        else:
            stack.turn_to("UPDATE_FAILED", why)

    return work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Update:
    worker: Worker
    new: Desired
    steps_back: list[Callable[[], bool]] = field(default_factory=list)
    replaced: list[Resource] = field(default_factory=list)

    def why_not(self) -> str:
        """Why the update failed; empty when it did not."""
        stack = self.worker.stack
        try:
            for logical in present(self.new, self.worker.scope(self.new)):
                self.worker.go_on()
                if not self._changed(logical):
                    verb = stack.resources[logical].status.partition("_")[0].lower()
                    return f"The following resource(s) failed to {verb}: [{logical}]. "
            stack.outputs = self.worker.outputs(self.new)
        except Failed as failed:
            return f"{failed.words} "
        return ""

    def _changed(self, logical: str) -> bool:
        worker, stack = self.worker, self.worker.stack
        current = stack.resources.get(logical)
        if current is None:
            done = worker.create(self.new, logical)
            self.steps_back.append(lambda: self._removed(stack.resources[logical], None))
            return done
        current.deletion = self.new.template.resources[logical].get("DeletionPolicy", "Delete")
        properties = worker.changed(self.new, current)
        if properties is None:
            return False
        if properties == current.properties:
            return True
        if new := requires_new(TYPES[current.type], current.properties, properties):
            return self._replaced(current, properties, new)
        had = current.properties
        self.steps_back.append(lambda: worker.set(current, had))
        return worker.set(current, properties)

    def _replaced(self, current: Resource, properties: Json, differs: list[str]) -> bool:
        worker, stack, logical = self.worker, self.worker.stack, current.logical
        name = TYPES[current.type].named
        if name and name not in differs and name in properties:
            words = "CloudFormation cannot update a stack when a custom-named resource requires replacing."
            stack.tell(
                current, "UPDATE_FAILED", f"{words} Rename {properties[name]} and update the stack again."
            )
            return False
        done = worker.create(self.new, logical, verb="UPDATE", why=_NEW)
        self.steps_back.append(lambda: self._removed(stack.resources[logical], current))
        self.replaced.append(current)
        return done

    def _removed(self, made: Resource, earlier: Resource | None) -> bool:
        """Take away what the update made, and let what it replaced be the stack's again."""
        stack = self.worker.stack
        gone = not made.id or self.worker.remove(made)
        if earlier is not None:
            stack.resources[made.logical] = earlier
        elif gone:
            del stack.resources[made.logical]
        return gone

    def clean_up(self) -> None:
        """Remove what the new template no longer has. What cannot be removed stays, and is told."""
        stack, old = self.worker.stack, self.worker.stack.desired
        stack.turn_to("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        kept = present(self.new, self.worker.scope(self.new))
        ordered = [stack.resources[one] for one in old.template.order if one in stack.resources]
        gone = [one for one in ordered if one.logical not in kept]
        stack.desired = self.new
        for resource in reversed([*self.replaced, *gone]):
            self.worker.go_on()
            self.worker.remove(replace(resource, status=""))
            if stack.resources[resource.logical] is resource:
                del stack.resources[resource.logical]
        stack.turn_to("UPDATE_COMPLETE")

    def undo(self, why: str) -> None:
        stack = self.worker.stack
        stack.turn_to("UPDATE_ROLLBACK_IN_PROGRESS", why)
        done = [step() for step in reversed(self.steps_back)]
        if not all(done):
            stack.turn_to("UPDATE_ROLLBACK_FAILED", "One or more resources could not be rolled back.")
            return
        stack.outputs = self.worker.outputs(stack.desired)
        stack.turn_to("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        stack.turn_to("UPDATE_ROLLBACK_COMPLETE")
