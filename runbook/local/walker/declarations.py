"""What a document declares before its steps: its own fields and its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runbook.local.walker.graph import PLACEHOLDER, Json

_REQUIRED = {"description", "assumeRole", "mainSteps"}
_OPTIONAL = {"schemaVersion", "parameters", "outputs", "files"}
_FIELDS = {
    "allowedPattern",
    "allowedValues",
    "default",
    "description",
    "displayType",
    "maxChars",
    "maxItems",
    "minChars",
    "minItems",
    "type",
}
_TEXTS = {"String", "AWS::EC2::Instance::Id", "AWS::IAM::Role::Arn", "AWS::S3::Bucket::Name"}
_PYTHON: dict[str, type] = {
    **dict.fromkeys(_TEXTS, str),
    **{f"List<{name}>": list for name in _TEXTS if "::" in name},
    "Boolean": bool,
    "Integer": int,
    "MapList": list,
    "StringList": list,
    "StringMap": dict,
}
#: What Python's expressions have and Java's lack or read otherwise: (?P, (?#, conditions, flags, \\Z, and
#: inside a class [ (a union) or && (an intersection).
_FOREIGN = re.compile(r"\(\?[P#(aLu]|\\Z|(?<!\\)\[\^?\]?(?:\\.|[^\]\\])*?(?:\[|&&)")


def declaration_defects(content: Json) -> Iterator[str]:
    """The document's fields and each parameter's declaration."""
    if content.get("schemaVersion") != "0.3":
        yield "The document: schemaVersion is not '0.3'."
    for name in sorted(name for name in _REQUIRED if not content.get(name)):
        yield f"The document: has no '{name}'."
    for name in sorted(content.keys() - _REQUIRED - _OPTIONAL):
        yield f"The document: SSM knows no field '{name}'."
    for name, parameter in content.get("parameters", {}).items():
        yield from (f"Parameter '{name}': {wrong}." for wrong in _parameter(parameter))


def _parameter(parameter: Json) -> Iterator[str]:
    for field in sorted(parameter.keys() - _FIELDS):
        yield f"SSM knows no field '{field}'"
    if not parameter.get("description"):
        yield "has no description"
    kind = parameter.get("type")
    if kind not in _PYTHON:
        yield f"SSM has no type '{kind}'"
    elif "default" in parameter and not isinstance(parameter["default"], _PYTHON[kind]):
        yield f"the default is no {kind}"
    elif kind in _TEXTS:
        yield from _text(parameter)


def _text(parameter: Json) -> Iterator[str]:
    pattern, values = parameter.get("allowedPattern"), parameter.get("allowedValues")
    default = parameter.get("default")
    if pattern is None and values is None:
        yield "has neither allowedPattern nor allowedValues"
    if pattern is not None and (wrong := _unusable(pattern)):
        yield f"allowedPattern {wrong}"
    elif default is not None and not PLACEHOLDER.search(default):
        if pattern is not None and not re.fullmatch(pattern, default):
            yield f"the default '{default}' does not match allowedPattern"
        if values is not None and default not in values:
            yield f"the default '{default}' is not among allowedValues"


def _unusable(pattern: str) -> str:
    """Why SSM, which reads patterns as Java does, would refuse or misread one."""
    if found := _FOREIGN.search(pattern):
        return f"holds '{found[0]}', which Java reads otherwise than Python"
    try:
        re.compile(pattern)
    except re.error as error:
        return f"is no regular expression: {error.msg}"
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return "must begin with ^ and end with $"
    return ""
