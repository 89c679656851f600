"""A template's text, JSON or YAML with CloudFormation's short forms, as plain data."""

from __future__ import annotations

import json
from typing import Any

import yaml

from runbook.local.aws.moto_wire import AwsError, Json

BODY_LIMIT = 51_200
FILE_LIMIT = 1_048_576


def invalid(words: str) -> AwsError:
    """The one error code of all that is wrong with a template or a request."""
    return AwsError("ValidationError", words)


class _Loader(yaml.SafeLoader):
    """YAML's plain kinds without dates: a policy's version is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _short_form(loader: _Loader, name: str, node: yaml.Node) -> Json:
    """`!Sub text` is `{"Fn::Sub": text}`."""
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_form)


def parse(text: str) -> Json:
    """The template as it is written. Raises AwsError in CloudFormation's words."""
    written = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    if not isinstance(written, dict):
        raise invalid("Template format error: unsupported structure.")
    return written


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"(line {error.lineno}, column {error.colno})"
        raise invalid(f"Template format error: JSON not well-formed. {where}") from error


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506  # a SafeLoader with more scalars
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise invalid(f"Template format error: YAML not well-formed.{where}") from error
