"""Label and field selectors, as k8s.io/apimachinery/pkg/labels and pkg/fields read them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from runbook.local.kubernetes.answers import Manifest, Refusal, bad_request, own_refusal

Labels = Mapping[str, str]
LabelTest = Callable[[Labels], bool]

TOKEN = re.compile(r"==|!=|[=!,()<>]|[^\s=!,()<>]+")
NAME = re.compile(r"([A-Za-z0-9]|[A-Za-z0-9][-A-Za-z0-9_.]{0,61}[A-Za-z0-9])")
PREFIX = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
SPECIAL = frozenset(["==", "=", "!=", "!", ",", "(", ")", "<", ">"])
OPERATORS = "in, notin, =, ==, !=, gt, lt"

VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)

META_FIELDS = ("metadata.name", "metadata.namespace")
# From AddFieldLabelConversionsFor… in kubernetes/pkg/apis/core/v1/conversion.go. Kinds that are not
# here know the two fields of every object, and refuse others in other words.
FIELDS = {
    "Pod": (
        *META_FIELDS,
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "Event": (
        *META_FIELDS,
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "Node": ("metadata.name", "spec.unschedulable"),
    "Namespace": ("metadata.name", "status.phase"),
}
TRUTH_FIELDS = ("spec.hostNetwork", "spec.unschedulable")


def label_selector(text: str) -> LabelTest:
    """The test that a `labelSelector` stands for; raises Refusal (400) when it cannot be read."""
    tokens = deque(TOKEN.findall(text))
    tests: list[LabelTest] = []
    while tokens:
        if tokens[0] in SPECIAL - {"!"}:
            raise bad_request(f"found '{tokens[0]}', expected: !, identifier, or 'end of string'")
        tests.append(_requirement(tokens))
        if tokens and (found := tokens.popleft()) != ",":
            raise bad_request(f"found '{found}', expected: ',' or 'end of string'")
        if text.rstrip().endswith(",") and not tokens:
            raise bad_request("found '', expected: identifier after ','")
    return lambda labels: all(test(labels) for test in tests)


def _requirement(tokens: deque[str]) -> LabelTest:
    absent = tokens[0] == "!"
    if absent:
        tokens.popleft()
    key = _key(_identifier(tokens))
    if absent:
        return lambda labels: key not in labels
    if not tokens or tokens[0] == ",":
        return lambda labels: key in labels
    operator = tokens.popleft()
    match operator:
        case "in" | "notin":
            values = _values(tokens)
        case "=" | "==" | "!=":
            values = {_identifier(tokens)} if tokens and tokens[0] != "," else {""}
        case "<" | ">":
            raise own_refusal(f"does not know the operator '{operator}' in label selectors")
        case _:
            raise _unreadable(f"found '{operator}', expected: {OPERATORS}")
    _check_values(key, values)
    if operator in ("notin", "!="):
        return lambda labels: key not in labels or labels[key] not in values
    return lambda labels: key in labels and labels[key] in values


def _values(tokens: deque[str]) -> set[str]:
    found = tokens.popleft() if tokens else ""
    if found != "(":
        raise _unreadable(f"found '{found}' expected: '('")
    values, last = set[str](), "("
    while tokens and tokens[0] != ")":
        found = tokens.popleft()
        if found in SPECIAL - {","} or (found != "," and last not in ("(", ",")):
            raise _unreadable(f"found '{found}', expected: ',' or ')'")
        if found != "," or last in ("(", ","):
            values.add("" if found == "," else found)
        last = found
    if not tokens:
        raise _unreadable("found '', expected: ',' or ')'")
    tokens.popleft()
    # An empty place counts as the empty value: `a in ()` and `a in (x,)` both take a label set to "".
    return values | {""} if last in ("(", ",") else values


def _identifier(tokens: deque[str]) -> str:
    found = tokens.popleft() if tokens else ""
    if not found or found in SPECIAL:
        raise _unreadable(f"found '{found}', expected: identifier")
    return found


def _key(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    if not NAME.fullmatch(name) or (slash and not PREFIX.fullmatch(prefix)):
        raise _unreadable(f'key: Invalid value: "{key}": is no valid label name')
    return key


def _check_values(key: str, values: set[str]) -> None:
    for position, value in enumerate(sorted(values)):
        if value and not NAME.fullmatch(value):
            raise _unreadable(f'values[{position}][{key}]: Invalid value: "{value}": {VALUE_RULE}')


def _unreadable(why: str) -> Refusal:
    return bad_request(f"unable to parse requirement: {why}")


def field_selector(kind: str, text: str) -> Callable[[Manifest], bool]:
    """The test that a `fieldSelector` stands for; raises Refusal (400) for fields the kind has not."""
    terms = _terms(text)
    for label, _, _ in terms:
        if kind in FIELDS and label not in FIELDS[kind]:
            raise bad_request(f"field label not supported: {label}")
        if kind not in FIELDS and label not in META_FIELDS:
            only = ", ".join(f'"{name}"' for name in META_FIELDS)
            raise bad_request(f'"{label}" is not a known field selector: only {only}')
    return lambda manifest: all((_field(manifest, label) == value) is equal for label, equal, value in terms)


def exact_name(text: str) -> str:
    """The name that a field selector demands, or nothing; the API server authorises such a list by it."""
    terms = _terms(text)
    return next((value for label, equal, value in terms if label == "metadata.name" and equal), "")


def _terms(text: str) -> list[tuple[str, bool, str]]:
    terms = []
    for part in filter(None, re.findall(r"(?:[^,\\]|\\.?)*", text)):
        found = re.fullmatch(r"(.*?)(!=|==|=)(.*)", part)
        if not found:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        label, operator, value = found.groups()
        if not re.fullmatch(r"([^\\=,]|\\[\\=,])*", value):
            raise bad_request(f"invalid field selector: '{value}' lacks an escape or holds a wrong one")
        terms.append((label, operator != "!=", re.sub(r"\\([,=\\])", r"\1", value)))
    return terms


def _field(manifest: Manifest, label: str) -> str:
    if label == "source":
        return str(manifest.get("source", {}).get("component") or manifest.get("reportingComponent", ""))
    value: Any = manifest
    for step in label.split("."):
        value = (value or {}).get(step)
    return str(bool(value)).lower() if label in TRUTH_FIELDS else str(value or "")
