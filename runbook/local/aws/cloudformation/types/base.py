"""What every type of resource has: how it is made, set, removed and told."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from runbook.local.aws.moto_wire import Json

_LETTERS = string.ascii_letters + string.digits


class Failed(Exception):
    """A resource could not be made, changed or removed; `code` is CloudFormation's HandlerErrorCode."""

    def __init__(self, words: str, code: str = "InvalidRequest") -> None:
        super().__init__(words)
        self.words = words
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of one resource. `call(service, operation, **parameters)` acts as the stack does.

    `salt` differs for each resource that a stack ever makes, so that the names it is given do.
    """

    call: Callable[..., Json]
    account: str
    region: str
    partition: str
    stack: str
    logical: str
    salt: str

    def drop(self, service: str, operation: str, /, **parameters: Any) -> None:
        """Call an operation that takes something away, which may be gone already."""
        try:
            self.call(service, operation, **parameters)
        except ClientError as error:
            if not any(part in error.response["Error"]["Code"] for part in ("NoSuch", "NotFound")):
                raise

    def arn(self, service: str, rest: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    def name(self, longest: int = 64) -> str:
        """The name of a resource that the template does not name."""
        digest = int(hashlib.sha256(f"{self.stack} {self.logical} {self.salt}".encode()).hexdigest(), 16)
        suffix = "".join(_LETTERS[digest // 62**n % 62] for n in range(12))
        return f"{f'{self.stack}-{self.logical}'[: longest - 13]}-{suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A change of a resource that is there: its id, what it shall have and what it has, at first nothing."""

    context: Context
    id: str
    wanted: Json
    had: Json

    def differs(self, *names: str) -> bool:
        return any(self.wanted.get(name) != self.had.get(name) for name in names)

    def call(self, service: str, operation: str, /, **parameters: Any) -> Json:
        return self.context.call(service, operation, **parameters)

    def tags_to_set(self) -> dict[str, str]:
        had = self.had.get("Tags", {})
        return {key: value for key, value in self.wanted.get("Tags", {}).items() if had.get(key) != value}

    def tags_to_take_away(self) -> list[str]:
        return [key for key in self.had.get("Tags", {}) if key not in self.wanted.get("Tags", {})]


def nothing_to_set(_setting: Setting) -> None:
    """For a type whose properties are all given when it is made."""


def no_attributes(_context: Context, _id: str, _wanted: Json) -> Json:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One type of resource.

    `make` gives what Ref gives; `set` is called after it, and again when a property changes that is not
    `fixed`; a change of a fixed one makes a new resource. `named` is the property with the name that only
    one resource can have. `attributes` are those of Fn::GetAtt, `tell` gives them. The property `Tags` comes
    to all three as a mapping, with the stack's tags in it, whatever its form in a template.
    """

    properties: tuple[str, ...]
    make: Callable[[Context, Json], str]
    remove: Callable[[Context, str, Json], None]
    set: Callable[[Setting], None] = nothing_to_set
    required: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    named: str = ""
    attributes: tuple[str, ...] = ()
    tell: Callable[[Context, str, Json], Json] = no_attributes

    def complete(self, properties: Json, tags: Mapping[str, str]) -> Json:
        """The properties with the stack's tags among the resource's own. Raises Failed."""
        for key in properties:
            if key not in self.properties:
                raise Failed(f"#: extraneous key [{key}] is not permitted", "Validation")
        for key in self.required:
            if key not in properties:
                raise Failed(f"#: required key [{key}] not found", "Validation")
        if "Tags" not in self.properties:
            return properties
        tagged = {**tags, **_tags(properties.get("Tags", []))}
        return {**properties, "Tags": tagged} if tagged else properties


def _tags(written: Any) -> dict[str, str]:
    match written:
        case dict():
            return {key: str(value) for key, value in written.items()}
        case list() if all(isinstance(one, dict) and set(one) == {"Key", "Value"} for one in written):
            return {str(one["Key"]): str(one["Value"]) for one in written}
    raise Failed("#/Tags: every tag has a Key and a Value", "Validation")


def tag_list(properties: Json) -> list[Json]:
    """Tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in properties.get("Tags", {}).items()]


def without(properties: Json, *names: str) -> Json:
    return {key: value for key, value in properties.items() if key not in names}


def only(properties: Json, *names: str) -> Json:
    return {key: properties[key] for key in names if key in properties}


def lower_camel(value: Any) -> Any:
    """A template's `ScanOnPush` in the names of those services that write `scanOnPush`."""
    match value:
        case dict():
            return {key[0].lower() + key[1:]: lower_camel(one) for key, one in value.items()}
        case list():
            return [lower_camel(one) for one in value]
    return value
