"""Whether the template of a stack is one that CloudFormation takes, with the parameters that it gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from runbook.local.walker.graph import Document, Step

#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
TEMPLATE_BYTES = 51_200
TAGS = 10
_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, such as !Ref."""


def _short_form(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    match node:
        case yaml.MappingNode():
            return loader.construct_mapping(node, deep=True)
        case yaml.SequenceNode():
            return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _short_form)


def template_defects(document: Document) -> Iterator[str]:
    """Templates, parameters and tags of the stacks."""
    for step in document.steps.values():
        if step.action == "aws:createStack":
            yield from (f"Step '{step.name}': {wrong}." for wrong in _stack(step))


def _stack(step: Step) -> Iterator[str]:
    body = step.inputs.get("TemplateBody", "")
    if (size := len(body.encode())) > TEMPLATE_BYTES:
        yield f"TemplateBody has {size:,} bytes; CloudFormation takes {TEMPLATE_BYTES:,}"
    tags = step.inputs.get("Tags")
    if isinstance(tags, list) and len(tags) > TAGS:
        yield f"has more than {TAGS} Tags"
    try:
        template = yaml.load(body, Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    except yaml.YAMLError:
        yield "TemplateBody is neither JSON nor YAML"
        return
    if not isinstance(template, dict) or not template.get("Resources"):
        yield "TemplateBody has no Resources"
        return
    for section in sorted(template.keys() - _SECTIONS):
        yield f"TemplateBody has a section '{section}', which CloudFormation does not know"
    yield from _parameters(template.get("Parameters", {}), step)


def _parameters(declared: dict[str, Any], step: Step) -> Iterator[str]:
    given = {one["ParameterKey"] for one in step.inputs.get("Parameters", [])}
    for name in sorted(given - declared.keys()):
        yield f"gives the template a parameter '{name}', which it does not declare"
    for name in sorted(declared.keys() - given):
        if "Default" not in declared[name]:
            yield f"does not give the template's parameter '{name}'"
