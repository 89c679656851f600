"""What is done to one resource: made, set, removed; with the events that AWS writes and its words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from runbook.local.aws.cloudformation.conform import Misfit
from runbook.local.aws.cloudformation.intrinsics import condition, resolve
from runbook.local.aws.cloudformation.scope import Scope
from runbook.local.aws.cloudformation.stack import Desired, Resource, Stack
from runbook.local.aws.cloudformation.stacks import Stacks
from runbook.local.aws.cloudformation.types import TYPES
from runbook.local.aws.cloudformation.types.base import Context, Failed, Setting
from runbook.local.aws.moto_wire import AwsError, Json

_CODES = (
    ("AccessDenied", "AccessDenied"), ("Unauthorized", "AccessDenied"), ("Forbidden", "AccessDenied"),
    ("AlreadyExists", "AlreadyExists"), ("AlreadyOwned", "AlreadyExists"), ("ResourceInUse", "AlreadyExists"),
    ("ResourceConflict", "AlreadyExists"), ("NotFound", "NotFound"), ("NoSuch", "NotFound"),
    ("Throttl", "Throttling"),
)  # fmt: skip


@contextmanager
def explained(service: str) -> Iterator[None]:
    """Turn what a service answered into Failed, with the words of CloudFormation's handlers."""
    try:
        yield
    except ClientError as error:
        found, meta = error.response["Error"], error.response["ResponseMetadata"]
        asked = f"Status Code: {meta['HTTPStatusCode']}, Request ID: {meta.get('RequestId')}"
        code = next((code for part, code in _CODES if part in found["Code"]), "InvalidRequest")
        raise Failed(f"{found['Message']} (Service: {service}, {asked})", code) from error
    except Misfit as error:
        raise Failed(str(error), "Validation") from error
    except KeyError as error:
        raise Failed(f"#: required key [{error.args[0]}] not found", "Validation") from error
    except BotoCoreError as error:
        raise Failed(str(error), "InternalFailure") from error
    except AwsError as error:
        raise Failed(error.message) from error


def _reason(failed: Failed, stack: Stack, resource: Resource) -> str:
    """As it stands in the event of a resource that failed."""
    if failed.code == "Validation":
        return f"Properties validation failed for resource {resource.logical} with message:\n{failed.words}"
    token = uuid.uuid5(uuid.NAMESPACE_OID, f"{stack.id} {len(stack.events)}")
    return (
        f'Resource handler returned message: "{failed.words}" (RequestToken: {token}, HandlerErrorCode:'
        f" {failed.code})"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """The hands of one operation on one stack."""

    stacks: Stacks
    stack: Stack
    turn: int

    def go_on(self) -> None:
        """Raises Superseded."""
        self.stacks.go_on(self.stack, self.turn)

    def scope(self, desired: Desired) -> Scope:
        made = {logical: one.made for logical, one in self.stack.resources.items() if one.id}
        return self.stacks.scope(self.stack, desired, made)

    def properties(self, desired: Desired, logical: str) -> Json:
        """What a resource shall be given, complete. Raises Failed."""
        written = desired.template.resources[logical]
        with explained("CloudFormation"):
            resolved = resolve(written.get("Properties", {}), self.scope(desired))
        return TYPES[written["Type"]].complete(resolved, desired.tags)

    def changed(self, desired: Desired, resource: Resource) -> Json | None:
        """What a resource that is there shall be given; None, told, where that cannot be computed."""
        with self._told(resource, "UPDATE_FAILED"):
            return self.properties(desired, resource.logical)
        return None

    def create(self, desired: Desired, logical: str, *, verb: str = "CREATE", why: str = "") -> bool:
        """Whether a resource was made. If not it has an id if there is something to be removed."""
        written = desired.template.resources[logical]
        resource = Resource(
            logical=logical, type=written["Type"], deletion=written.get("DeletionPolicy", "Delete")
        )
        self.stack.resources[logical] = resource
        self.stack.tell(resource, f"{verb}_IN_PROGRESS", why)
        with self._told(resource, f"{verb}_FAILED"):
            resource.properties = self.properties(desired, logical)
            kind, context = TYPES[resource.type], self._context(resource, new=True)
            with explained(_service(resource)):
                resource.id = kind.make(context, resource.properties)
                self.stack.tell(resource, f"{verb}_IN_PROGRESS", "Resource creation Initiated")
                kind.set(Setting(context=context, id=resource.id, wanted=resource.properties, had={}))
                resource.attributes = kind.tell(context, resource.id, resource.properties)
            self.stack.tell(resource, f"{verb}_COMPLETE")
            return True
        return False

    def set(self, resource: Resource, properties: Json) -> bool:
        """Whether a resource was given other properties."""
        had, resource.properties = resource.properties, properties
        self.stack.tell(resource, "UPDATE_IN_PROGRESS")
        kind, context = TYPES[resource.type], self._context(resource)
        with self._told(resource, "UPDATE_FAILED"):
            with explained(_service(resource)):
                kind.set(Setting(context=context, id=resource.id, wanted=properties, had=had))
                resource.attributes = kind.tell(context, resource.id, properties)
            self.stack.tell(resource, "UPDATE_COMPLETE")
            return True
        return False

    def remove(self, resource: Resource) -> bool:
        """Whether it is gone, or left where the template says so."""
        rolled_back = self.stack.status == "ROLLBACK_IN_PROGRESS"
        if resource.deletion == "Retain" or (resource.deletion == "RetainExceptOnCreate" and not rolled_back):
            self.stack.tell(resource, "DELETE_SKIPPED")
            return True
        self.stack.tell(resource, "DELETE_IN_PROGRESS")
        with self._told(resource, "DELETE_FAILED"):
            try:
                with explained(_service(resource)):
                    TYPES[resource.type].remove(self._context(resource), resource.id, resource.properties)
            except Failed as failed:
                if failed.code != "NotFound":
                    raise
            self.stack.tell(resource, "DELETE_COMPLETE")
            return True
        return False

    @contextmanager
    def _told(self, resource: Resource, status: str) -> Iterator[None]:
        """A failure within becomes the resource's status and the reason in its event."""
        try:
            yield
        except Failed as failed:
            self.stack.tell(resource, status, _reason(failed, self.stack, resource))

    def _context(self, resource: Resource, *, new: bool = False) -> Context:
        self.stack.names_given += new
        account = self.stacks.account
        return Context(
            call=self.stack.clients,
            account=account.id,
            region=account.region,
            partition=account.partition,
            stack=self.stack.name,
            logical=resource.logical,
            salt=f"{self.stack.id} {self.stack.names_given}",
        )

    def outputs(self, desired: Desired) -> list[Json]:
        """Raises Failed."""
        scope = self.scope(desired)
        with explained("CloudFormation"):
            return [
                _output(name, written, scope)
                for name, written in desired.template.outputs.items()
                if "Condition" not in written or condition(written["Condition"], scope)
            ]


def _output(name: str, written: Json, scope: Scope) -> Json:
    value: Any = resolve(written["Value"], scope)
    if isinstance(value, dict | list):
        raise Failed(
            f"Template format error: Output {name} is malformed. The Value field of every Outputs member must"
            " evaluate to a String."
        )
    text = str(value).lower() if isinstance(value, bool) else str(value)
    output = {"OutputKey": name, "OutputValue": text}
    if "Description" in written:
        output["Description"] = written["Description"]
    if "Export" in written:
        output["ExportName"] = resolve(written["Export"]["Name"], scope)
    return output


def present(desired: Desired, scope: Scope) -> list[str]:
    """The resources that there shall be, each after those it depends on: those whose condition holds."""
    resources = desired.template.resources
    return [
        logical
        for logical in desired.template.order
        if "Condition" not in resources[logical] or condition(resources[logical]["Condition"], scope)
    ]


def _service(resource: Resource) -> str:
    """`AWS::Lambda::Function` belongs to Lambda."""
    return resource.type.split("::")[1]
