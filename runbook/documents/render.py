"""The SSM documents, rendered: one skeleton for all runbooks, and the sweeper."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import pairwise
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined, Template

from runbook.deployment import (
    CLUSTER_TAG,
    EXECUTION_TAG,
    EXPIRES_TAG,
    PROXY_LOG_GROUP,
    SWEEPER,
    proxy_stack,
)
from runbook.documents import ROLE_PATTERN, Document, documents
from runbook.local.zips import steps_zip
from runbook.steps import CALLS

Content = dict[str, Any]

#: Seconds that each step may take. The steps from RemoveProxy on are the flow of a cancelled run,
#: to which SSM gives two minutes; `check` are those that ask through the proxy.
LIMITS = {
    "ValidateTarget": 120,
    "DeployProxy": 600,
    "WaitForProxy": 300,
    "check": 300,
    "RemoveProxy": 15,
    "GenerateReport": 40,
    "ConfirmProxyRemoved": 45,
    "FinishRun": 10,
    "Sweep": 300,
}
#: Parameters whose default is what the deployment made.
_DEPLOYED = {
    "AutomationAssumeRole": "${AutomationRoleArn}",
    "S3BucketName": "${ReportBucket}",
    "LambdaRoleArn": "${FunctionRoleArn}",
}
_CREATE_STACK = ("cloudformation:CreateStack", "cloudformation:DescribeStacks")


def texts() -> dict[str, str]:
    """Every document as YAML, comments included, by its name."""
    checksum = hashlib.sha256(steps_zip()).hexdigest()
    sweeper = _template("sweeper.yaml.j2").render(limits=LIMITS, checksum=checksum, role_pattern=ROLE_PATTERN)
    return {**{one.name: _runbook(one, checksum) for one in documents()}, SWEEPER: sweeper}


@functools.cache
def rendered() -> Mapping[str, Content]:
    """Every document's content. `${Name}` in a string stands for what the deployment knows."""
    return {name: yaml.safe_load(text) for name, text in texts().items()}


def calls(content: Content) -> frozenset[str]:
    """The operations that a document's own steps make: its AWS actions, and what its scripts declare."""
    return frozenset(call for step in content["mainSteps"] for call in _calls(step["action"], step["inputs"]))


def _calls(action: str, inputs: Content) -> Iterator[str]:
    match action, inputs:
        case "aws:executeScript", {"Handler": handler}:
            yield from CALLS[handler.removeprefix("steps.")]
        case "aws:createStack", _:
            yield from _CREATE_STACK
        case _, {"Service": service, "Api": operation}:
            yield f"{service}:{operation}"


def _runbook(document: Document, checksum: str) -> str:
    checking = _checking(document)
    first = ("ValidateTarget", "ChooseRoute", "DeployProxy", "WaitForProxy")
    last = ("RemoveProxy", "GenerateReport", "ConfirmProxyRemoved", "FinishRun")
    return _template("runbook.yaml.j2").render(
        document=document,
        checking=list(pairwise((*checking, last[0]))),
        numbers={name: n for n, name in enumerate((*first, *checking, *last), start=1)},
        deployed={p.name: _DEPLOYED.get(p.name, "") for p in document.parameters},
        limits=LIMITS,
        stack=proxy_stack("{{ automation:EXECUTION_ID }}"),
        tags={"execution": EXECUTION_TAG, "cluster": CLUSTER_TAG, "expires": EXPIRES_TAG},
        log_group=PROXY_LOG_GROUP,
        proxy=_read("proxy.yaml").rstrip(),
        checksum=checksum,
    )


def _checking(document: Document) -> list[str]:
    """The steps that ask through the proxy, in order."""
    names = [step.name for step in document.steps]
    names.insert(names.index(document.logs_after) + 1, "CollectLogs")
    return names


def _template(name: str) -> Template:
    environment = Environment(
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it is YAML, and all that goes in is our own
    )
    # YAML reads JSON's strings; jinja's own filter would spell an apostrophe as a number.
    environment.filters["quoted"] = functools.partial(json.dumps, ensure_ascii=False)
    return environment.from_string(_read(name))


def _read(name: str) -> str:
    return resources.files("runbook.documents").joinpath(name).read_text(encoding="utf-8")
