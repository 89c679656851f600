"""The values of a template's parameters: given, kept, default, or read from the account; and their limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from runbook.local.aws.cloudformation.text import invalid
from runbook.local.aws.moto_wire import Json, not_embedded

Ask = Callable[..., Json]  # (service, operation, **parameters)

_ATTRIBUTES = (
    "AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "MaxLength",
    "MaxValue", "MinLength", "MinValue", "NoEcho", "Type",
)  # fmt: skip
_SSM = re.compile(r"AWS::SSM::Parameter::Value<(String|CommaDelimitedList|List<String>)>")
# How EC2 is asked whether what an id names exists.
_LOOKED_UP = {
    "AWS::EC2::SecurityGroup::Id": ("DescribeSecurityGroups", "GroupIds"),
    "AWS::EC2::Subnet::Id": ("DescribeSubnets", "SubnetIds"),
    "AWS::EC2::VPC::Id": ("DescribeVpcs", "VpcIds"),
}
_PLAIN = ("String", "Number", "CommaDelimitedList", "List<Number>", "AWS::SSM::Parameter::Name")
_LISTS = ("CommaDelimitedList", "List<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`given` is the text of the request or the default; `value` what Ref gives: a text or a list."""

    given: str
    value: Any
    secret: bool = False
    resolved: str = ""

    def told(self, name: str) -> Json:
        """As DescribeStacks tells it."""
        told = {"ParameterKey": name, "ParameterValue": "****" if self.secret else self.given}
        return told | ({"ResolvedValue": self.resolved} if self.resolved else {})


def decide(
    declared: Json, requested: list[Json], previous: Mapping[str, Parameter], ask: Ask
) -> dict[str, Parameter]:
    """Every parameter's value. `requested` is the request's list. Raises AwsError."""
    given = {one["ParameterKey"]: one for one in requested}
    if unknown := [name for name in given if name not in declared]:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    texts: dict[str, str] = {}
    for name, one in declared.items():
        _sound(name, one)
        text = _text(given.get(name, {}), previous.get(name), one)
        if text is not None:
            texts[name] = text
    if missing := [name for name in declared if name not in texts]:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    return {name: _parameter(name, declared[name], text, ask) for name, text in texts.items()}


def _sound(name: str, declared: Any) -> None:
    if not isinstance(declared, dict) or "Type" not in declared:
        raise invalid("Template format error: Every Parameters object must contain a Type member.")
    if unknown := sorted(set(declared) - set(_ATTRIBUTES)):
        raise invalid(f"Invalid template parameter property '{unknown[0]}'")
    kind = declared["Type"]
    of = kind[5:-1] if kind.startswith("List<") else kind
    if kind in _PLAIN or _SSM.fullmatch(kind) or of in _LOOKED_UP:
        return
    if kind.startswith(("AWS::", "List<AWS::")):
        raise not_embedded("cloudformation", f"Neither is the type {kind} of parameter {name}.")
    raise invalid(f"Template format error: Unrecognized parameter type: {kind}")


def _text(given: Json, previous: Parameter | None, declared: Json) -> str | None:
    if given.get("UsePreviousValue"):
        return previous.given if previous else None
    if "ParameterValue" in given:
        return str(given["ParameterValue"])
    default = declared.get("Default")
    return str(default).lower() if isinstance(default, bool) else None if default is None else str(default)


def _parameter(name: str, declared: Json, text: str, ask: Ask) -> Parameter:
    kind = declared["Type"]
    resolved = ""
    if found := _SSM.fullmatch(kind):
        kind, resolved = found[1], _stored(text, ask)
    effective = resolved or text
    listed = kind.startswith(_LISTS)
    parts = [one.strip() for one in effective.split(",")] if listed else [effective]
    for one in parts:
        _within(name, declared, kind, one)
    of = kind[5:-1] if kind.startswith("List<") else kind
    if of in _LOOKED_UP:
        _exists(name, of, parts, ask)
    value: Any = parts if listed else effective
    secret = str(declared.get("NoEcho", "")).lower() == "true"
    return Parameter(given=text, value=value, secret=secret, resolved=resolved)


def _stored(name: str, ask: Ask) -> str:
    try:
        return str(ask("ssm", "GetParameters", Names=[name])["Parameters"][0]["Value"])
    except IndexError as error:
        raise invalid(
            f"Unable to fetch parameters [{name}] from parameter store for this account."
        ) from error
    except ClientError as error:
        raise invalid(error.response["Error"]["Message"]) from error


def _exists(name: str, kind: str, ids: list[str], ask: Ask) -> None:
    operation, key = _LOOKED_UP[kind]
    for one in ids:
        try:
            ask("ec2", operation, **{key: [one]})
        except ClientError as error:
            raise invalid(
                f"Parameter validation failed: parameter value {one} for parameter name {name} does not exist"
            ) from error


def _within(name: str, declared: Json, kind: str, text: str) -> None:
    if "AllowedValues" in declared and text not in [_told(one) for one in declared["AllowedValues"]]:
        values = ", ".join(_told(one) for one in declared["AllowedValues"])
        raise _refused(name, declared, f"Parameter must be one of AllowedValues: [{values}]")
    pattern = declared.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, text):
        raise _refused(name, declared, f"Parameter must match pattern {pattern}")
    if "Number" in kind:
        _number(name, declared, text)
    elif not int(declared.get("MinLength", 0)) <= len(text):
        raise _refused(name, declared, f"Parameter must contain at least {declared['MinLength']} characters")
    elif not len(text) <= int(declared.get("MaxLength", 4096)):
        limit = declared.get("MaxLength", 4096)
        raise _refused(name, declared, f"Parameter must contain at most {limit} characters")


def _told(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(name: str, declared: Json, text: str) -> None:
    try:
        number = float(text)
    except ValueError as error:
        raise invalid(f"Parameter '{name}' must be a number") from error
    if "MinValue" in declared and number < float(declared["MinValue"]):
        raise _refused(name, declared, f"Parameter must be a number not less than {declared['MinValue']}")
    if "MaxValue" in declared and number > float(declared["MaxValue"]):
        raise _refused(name, declared, f"Parameter must be a number not greater than {declared['MaxValue']}")


def _refused(name: str, declared: Json, words: str) -> Exception:
    return invalid(
        f"Parameter {name} failed to satisfy constraint: {declared.get('ConstraintDescription', words)}"
    )
