"""What an execution is started with: each parameter checked as SSM checks it."""

from __future__ import annotations

import json
import re
from typing import Any

from runbook.local.automation.document import Json
from runbook.local.automation.values import NoValue, as_list, converted
from runbook.local.aws.moto_wire import AwsError, not_embedded

_LIST_OF = re.compile(r"List<(.+)>")
# https://docs.aws.amazon.com/systems-manager/latest/userguide/populating-input-parameters.html
PATTERNS = {
    "AWS::IAM::Role::Arn": r"^arn:(aws|aws-cn|aws-us-gov|aws-iso|aws-iso-b):iam::[0-9]{12}:role/.*$",
    "AWS::S3::Bucket::Name": r"^[0-9a-z][a-z0-9\-\.]{3,63}$",
    "AWS::EC2::Instance::Id": r"^(i|mi)-[0-9a-f]{8,17}$",
}
PLAIN = frozenset({"String", "StringList", "Integer", "Boolean", "MapList", "StringMap"})
PARAMETER_TYPES = PLAIN | PATTERNS.keys() | {f"List<{name}>" for name in PATTERNS}
LONGEST = 512


def refused(message: str) -> AwsError:
    """The one error of bad parameters."""
    return AwsError("InvalidAutomationExecutionParametersException", message)


def completed(declared: dict[str, Json], given: dict[str, list[str]]) -> Json:
    """The value of every declared parameter, in its type; what was not given takes its default as it is.

    Raises AwsError for unknown, missing and unfit ones, and NotEmbedded for a default from Parameter Store.
    """
    for name in given:
        if name not in declared:
            raise refused(f"Unknown parameter: {name} in user inputs.")
    values: Json = {}
    for name, schema in declared.items():
        if name in given:
            values[name] = _checked(name, schema, given[name])
        elif "default" not in schema:
            raise refused(f"Missing required parameter: {name} in user inputs.")
        else:
            values[name] = _default(name, schema["default"])
    return values


def _default(name: str, value: Any) -> Any:
    if "{{ssm:" in str(value).replace(" ", ""):
        raise not_embedded(f"Parameter Store (the default of {name})")
    return value


def _checked(name: str, schema: Json, given: list[str]) -> Any:
    if any(not 1 <= len(text) <= LONGEST for text in given):
        raise refused(f'Parameter "{name}" must have values of 1 to {LONGEST} characters.')
    kind = schema["type"]
    listed = _LIST_OF.fullmatch(kind)
    plain = "StringList" if listed else kind if kind in PLAIN else "String"
    try:
        value = converted(_read(plain, given), plain, f'Parameter "{name}"')
    except (NoValue, json.JSONDecodeError) as error:
        raise refused(f'Parameter "{name}" is not a valid {kind}: {error}.') from error
    texts = as_list(value)
    _check_texts(name, schema, texts, PATTERNS.get(listed[1] if listed else kind))
    _check_count(name, schema, len(value) if isinstance(value, list | dict) else 1)
    return value


def _read(plain: str, given: list[str]) -> Any:
    match plain:
        case "StringMap":
            return json.loads(given[0])
        case "MapList":
            return [json.loads(text) for text in given]
        case "StringList":
            return given
    if len(given) != 1:
        raise NoValue(f"{len(given)} values were given, one is expected")
    return given[0]


def _check_texts(name: str, schema: Json, texts: list[str], built_in: str | None) -> None:
    allowed = [as_list(value)[0] for value in schema.get("allowedValues", [])]
    for text in texts:
        if allowed and text not in allowed:
            raise refused(f'Parameter "{name}" has value "{text}" not found in [{", ".join(allowed)}].')
        for pattern in (built_in, schema.get("allowedPattern")):
            if pattern and not re.fullmatch(pattern, text):
                raise refused(f'Parameter "{name}" has value "{text}" not matching pattern "{pattern}".')
        least, most = schema.get("minChars", 0), schema.get("maxChars", LONGEST)
        if not least <= len(text) <= most:
            raise refused(f'Parameter "{name}" must have {least} to {most} characters.')


def _check_count(name: str, schema: Json, count: int) -> None:
    if count < schema.get("minItems", 0):
        raise refused(f'Parameter "{name}" has {count} items, fewer than {schema["minItems"]}.')
    if count > schema.get("maxItems", count):
        raise refused(f'Parameter "{name}" has {count} items, more than {schema["maxItems"]}.')
