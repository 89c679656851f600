"""A template that was read and found sound, as far as it can be judged without its parameters' values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runbook.local.aws.cloudformation.intrinsics import FUNCTIONS, RULE_FUNCTIONS
from runbook.local.aws.cloudformation.references import PSEUDO, order, references
from runbook.local.aws.cloudformation.text import invalid, parse
from runbook.local.aws.cloudformation.types import TYPES
from runbook.local.aws.moto_wire import Json, not_embedded

_SECTIONS = (
    "AWSTemplateFormatVersion", "Conditions", "Description", "Mappings", "Metadata", "Outputs", "Parameters",
    "Resources", "Rules",
)  # fmt: skip
_ATTRIBUTES = (
    "Condition", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdateReplacePolicy",
)  # fmt: skip
_NOT_EMBEDDED = ("CreationPolicy", "UpdatePolicy")
_POLICIES = ("Delete", "Retain", "RetainExceptOnCreate")
_NAMED = {"AWS::IAM::Role": "RoleName", "AWS::IAM::ManagedPolicy": "ManagedPolicyName"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The text as it came, and its sections; a section that is not there is empty."""

    text: str
    description: str
    parameters: Json
    mappings: Json
    conditions: Json
    rules: Json
    resources: Json
    outputs: Json
    metadata: Json

    @property
    def order(self) -> list[str]:
        """Logical ids in the order of their making."""
        return order(self.resources)

    def capabilities(self) -> list[str]:
        """What the caller has to consent to."""
        iam = [one for one in self.resources.values() if one["Type"].startswith("AWS::IAM::")]
        named = any(_NAMED.get(one["Type"]) in one.get("Properties", {}) for one in iam)
        return ["CAPABILITY_NAMED_IAM"] if named else ["CAPABILITY_IAM"] if iam else []


def read(text: str) -> Template:
    """Raises AwsError in CloudFormation's words."""
    body = parse(text)
    if "Transform" in body:
        raise not_embedded("cloudformation", "A template's Transform is not, either.")
    if unknown := sorted(set(body) - set(_SECTIONS)):
        raise invalid(f"Invalid template property or properties [{', '.join(unknown)}]")
    for section in set(_SECTIONS) - {"AWSTemplateFormatVersion", "Description"}:
        if not isinstance(body.get(section, {}), dict):
            raise invalid(f"Template format error: [/{section}] must be an object")
    if not body.get("Resources"):
        raise invalid("Template format error: At least one Resources member must be defined.")
    template = Template(
        text=text,
        description=body.get("Description", ""),
        **{
            key.lower(): body.get(key, {})
            for key in _SECTIONS
            if key not in ("AWSTemplateFormatVersion", "Description")
        },
    )
    _sound(template)
    return template


def _sound(template: Template) -> None:
    _no_nulls(template.resources, "/Resources")
    _no_nulls(template.outputs, "/Outputs")
    for logical, resource in template.resources.items():
        _sound_resource(logical, resource)
    unknown = sorted({r["Type"] for r in template.resources.values() if r["Type"] not in TYPES})
    if unknown:
        raise invalid(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    _known_functions(template)
    _known_conditions(template)
    _known_names(template)
    order(template.resources)


def _no_nulls(value: Any, path: str) -> None:
    if value is None:
        raise invalid(f"[{path}] 'null' values are not allowed in templates")
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, one in members:
        _no_nulls(one, f"{path}/{key}")


def _sound_resource(logical: str, resource: Any) -> None:
    if not logical.isalnum() or not logical.isascii():
        raise invalid(f"Template format error: Resource name {logical} is non alphanumeric.")
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise invalid(
            f"Template format error: [/Resources/{logical}] Every Resources object must contain a Type"
            " member."
        )
    for attribute, value in resource.items():
        if attribute in _NOT_EMBEDDED:
            raise not_embedded("cloudformation", f"Neither is the attribute {attribute}.")
        if attribute not in _ATTRIBUTES:
            raise invalid(f"Invalid template resource property '{attribute}'")
        if attribute.endswith("Policy") and value not in _POLICIES:
            raise invalid(f"Template error: {attribute} '{value}' of resource {logical} is not supported")


def _known_functions(template: Template) -> None:
    body = [template.resources, template.outputs, template.conditions]
    for name in _functions(body):
        if name not in FUNCTIONS:
            raise invalid(f"Template error: {name} is not an intrinsic function that can be used here")
    for name in _functions(template.rules):
        if name not in FUNCTIONS and name not in RULE_FUNCTIONS:
            raise not_embedded("cloudformation", f"Neither is {name} of a template's Rules.")


def _functions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if len(value) == 1 and (name := next(iter(value))).startswith("Fn::"):
            yield name
        for one in value.values():
            yield from _functions(one)
    elif isinstance(value, list):
        for one in value:
            yield from _functions(one)


def _known_conditions(template: Template) -> None:
    described = [*template.resources.values(), *template.outputs.values()]
    used = [one["Condition"] for one in described if "Condition" in one]
    used += _conditions_of([one.get("Properties", {}) for one in template.resources.values()])
    used += _conditions_of(template.outputs)
    if unknown := [name for name in used if name not in template.conditions]:
        raise invalid(
            f"Template format error: Unresolved condition dependency {unknown[0]} in the Resources block of"
            " the template"
        )


def _conditions_of(value: Any) -> list[str]:
    """The conditions that `Fn::If` names."""
    match value:
        case {"Fn::If": [str(name), *branches]}:
            return [name, *_conditions_of(branches)]
        case dict():
            return [name for one in value.values() for name in _conditions_of(one)]
        case list():
            return [name for one in value for name in _conditions_of(one)]
    return []


def _known_names(template: Template) -> None:
    _only(template, {"Conditions": template.conditions}, [*template.parameters, *PSEUDO])
    known = [*template.parameters, *template.resources, *PSEUDO]
    _only(template, {"Resources": template.resources, "Outputs": template.outputs}, known)


def _only(template: Template, blocks: Json, known: list[str]) -> None:
    for block, members in blocks.items():
        named = list(
            references([{k: v for k, v in one.items() if k != "Metadata"} for one in members.values()])
        )
        depended = [one.get("DependsOn", []) for one in members.values()] if block == "Resources" else []
        names = [name for one in depended for name in ([one] if isinstance(one, str) else one)]
        unknown = [one.name for one in named if not one.attribute and one.name not in known]
        if missing := [*dict.fromkeys(name for name in [*names, *unknown] if name not in known)]:
            raise invalid(
                f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] in the"
                f" {block} block of the template"
            )
        for one in named:
            if one.attribute:
                _known_attribute(template, one.name, one.attribute)


def _known_attribute(template: Template, name: str, attribute: str) -> None:
    if name not in template.resources:
        raise invalid(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
    kind = template.resources[name]["Type"]
    if attribute not in TYPES[kind].attributes:
        raise invalid(
            f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
        )
