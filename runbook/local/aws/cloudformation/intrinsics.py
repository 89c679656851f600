"""Intrinsic functions: a template's values with everything in them that is to be computed, computed."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable
from typing import Any

from runbook.local.aws.cloudformation.references import PLACEHOLDER
from runbook.local.aws.cloudformation.scope import NO_VALUE, Made, Scope, scalar
from runbook.local.aws.cloudformation.text import invalid
from runbook.local.aws.moto_wire import not_embedded


def resolve(value: Any, scope: Scope) -> Any:
    """A value as the service shall get it, or NO_VALUE. Raises AwsError."""
    match value:
        case dict() if len(value) == 1 and (name := next(iter(value))) in FUNCTIONS:
            return FUNCTIONS[name](value[name], scope)
        case dict():
            members = {key: resolve(one, scope) for key, one in value.items()}
            return {key: one for key, one in members.items() if one is not NO_VALUE}
        case list():
            return [found for one in value if (found := resolve(one, scope)) is not NO_VALUE]
        case str() if "{{resolve:" in value:
            raise not_embedded("cloudformation", "Neither are dynamic references.")
    return value


def condition(written: Any, scope: Scope) -> bool:
    """Whether a condition holds; `written` is its name or what it consists of."""
    match written:
        case str(name) if name in scope.conditions:
            return condition(scope.conditions[name], scope)
        case {"Condition": str(name)}:
            return condition(name, scope)
        case {"Fn::And": [_, _, *_] as parts}:
            return all(condition(part, scope) for part in parts)
        case {"Fn::Or": [_, _, *_] as parts}:
            return any(condition(part, scope) for part in parts)
        case {"Fn::Not": [part]}:
            return not condition(part, scope)
        case {"Fn::Equals": [one, other]}:
            return bool(scalar(resolve(one, scope)) == scalar(resolve(other, scope)))
        case {"Fn::Contains": [members, one]}:
            return resolve(one, scope) in resolve(members, scope)
        case {"Fn::EachMemberIn": [members, others]}:
            return set(resolve(members, scope)) <= set(resolve(others, scope))
        case {"Fn::EachMemberEquals": [members, one]}:
            return set(resolve(members, scope)) == {resolve(one, scope)}
    raise invalid("Template error: every condition must be made of Fn::And, Fn::Or, Fn::Not, Fn::Equals")


def _ref(name: Any, scope: Scope) -> Any:
    if name == "AWS::NoValue":
        return NO_VALUE
    if name in scope.pseudo:
        return scope.pseudo[name]
    if name in scope.parameters:
        return scope.parameters[name]
    return _made(name, scope).id


def _made(name: str, scope: Scope) -> Made:
    if name not in scope.made:
        raise invalid(
            f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the"
            " template"
        )
    return scope.made[name]


def _get_att(target: Any, scope: Scope) -> Any:
    name, attribute = target.split(".", 1) if isinstance(target, str) else target
    return _made(name, scope).attributes[attribute]


def _join(written: Any, scope: Scope) -> str:
    match resolve(written, scope):
        case [str(between), list(parts)]:
            return between.join(_string(part, "Fn::Join") for part in parts)
    raise invalid(
        "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list"
        " of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be"
        " joined."
    )


def _string(value: Any, function: str) -> str:
    if isinstance(value, dict | list):
        raise invalid(f"Template error: {function} needs a text, not a list or an object")
    return str(scalar(value))


def _sub(written: Any, scope: Scope) -> str:
    text, own = (written, {}) if isinstance(written, str) else written

    def value(name: str) -> str:
        if name in own:
            found = resolve(own[name], scope)
        elif "." in name:
            found = _get_att(name, scope)
        else:
            found = _ref(name, scope)
        return _string(found, "Fn::Sub")

    return PLACEHOLDER.sub(lambda match: value(match[1]), text).replace("${!", "${")


def _select(written: Any, scope: Scope) -> Any:
    match resolve(written, scope):
        case [index, list(members)] if str(index).isdigit():
            if int(index) < len(members):
                return members[int(index)]
            raise invalid(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
    raise invalid(
        "Template error: every Fn::Select object requires two non-null parameters, the first is an integer"
        " index and the second a list"
    )


def _split(written: Any, scope: Scope) -> list[str]:
    match resolve(written, scope):
        case [str(between), str(text)] if between:
            return text.split(between)
    raise invalid(
        "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a"
        " string to be split or a function that returns a string to be split."
    )


def _find_in_map(written: Any, scope: Scope) -> Any:
    match resolve(written, scope):
        case [str(name), first, second]:
            try:
                return scope.mappings[name][scalar(first)][scalar(second)]
            except KeyError as error:
                where = f"{name}::{first}::{second}"
                raise invalid(f"Template error: Unable to get mapping for {where}") from error
    raise invalid(
        "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the"
        " attribute for return value"
    )


def _if(written: Any, scope: Scope) -> Any:
    match written:
        case [str(name), yes, no] if name in scope.conditions:
            return resolve(yes if condition(name, scope) else no, scope)
    raise invalid("Template error: Fn::If requires a list argument with three elements")


def _import_value(written: Any, scope: Scope) -> str:
    name = resolve(written, scope)
    exports = scope.exports()
    if name not in exports:
        raise invalid(f"No export named {name} found.")
    return exports[name]


def _base64(written: Any, scope: Scope) -> str:
    return base64.b64encode(_string(resolve(written, scope), "Fn::Base64").encode()).decode()


def _cidr(written: Any, scope: Scope) -> list[str]:
    block, count, *bits = resolve(written, scope)
    network = ipaddress.ip_network(block)
    host_bits = int(bits[0]) if bits else 8
    subnets = network.subnets(new_prefix=network.max_prefixlen - host_bits)
    return [str(next(subnets)) for _ in range(int(count))]


def _get_azs(written: Any, scope: Scope) -> list[str]:
    if resolve(written, scope) not in ("", scope.pseudo["AWS::Region"]):
        raise invalid("Template validation error: Fn::GetAZs is known for the stack's own Region only here")
    return scope.zones()


def _truth(name: str) -> Callable[[Any, Scope], bool]:
    return lambda written, scope: condition({name: written}, scope)


FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    **{name: _truth(name) for name in ("Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or")},
}
RULE_FUNCTIONS = ("Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn")
