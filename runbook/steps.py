"""The scripted steps: what SSM calls, one function for each kind, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import boto3

from runbook.deployed import ending, reporting, sweeping, validating
from runbook.deployed.asking import Step
from runbook.deployed.event import read_event
from runbook.deployed.execution import OUTPUTS
from runbook.deployed.proxy import CALLS as PROXY
from runbook.deployed.store import READS, WRITES
from runbook.registry import load
from runbook.telling import tally

Payload = dict[str, Any]

_REGISTRY = load()
_KEEPING = (*READS, *WRITES, *OUTPUTS)
#: The operations that each function makes itself, beside those that evidence declares.
CALLS: dict[str, tuple[str, ...]] = {
    "validate_target": _KEEPING,
    "check": (*_KEEPING, *PROXY),
    "collect_logs": (*_KEEPING, *PROXY),
    "generate_report": _KEEPING,
    "confirm_proxy_removed": (*READS, *WRITES, *ending.CONFIRMING),
    "finish_run": ending.FINISHING,
    "sweep": sweeping.CALLS,
}


def validate_target(events: Payload, _context: Any) -> Payload:
    """What AWS alone can tell; whether the run can go on, and with which network."""
    return asyncio.run(validating.validate(_step(events)))


def check(events: Payload, _context: Any) -> Payload:
    """Judge the checks of one topic, asking what no earlier step has asked."""
    step = _step(events)
    document = step.event.document
    topic = next(one.topic for one in document.steps if one.name == step.event.step)
    checks = _REGISTRY.topic(document.family, topic)
    try:
        summary = tally(asyncio.run(step.engine(with_cluster=True).judge(checks)))
    finally:
        part = step.keep()
    return {"summary": summary, "part": part}


def collect_logs(events: Payload, _context: Any) -> Payload:
    """Read the logs that matter, and keep them readable beside the report."""
    step = _step(events)
    try:
        summary = asyncio.run(reporting.collect_logs(step))
    finally:
        part = step.keep()
    return {"summary": summary, "part": part}


def generate_report(events: Payload, _context: Any) -> Payload:
    """Judge everything again from what was remembered, and write the report."""
    return asyncio.run(reporting.report(_step(events)))


def confirm_proxy_removed(events: Payload, _context: Any) -> Payload:
    """Wait a little for the stack to go; what stays is added to the report."""
    return ending.confirm_proxy_removed(read_event(events), boto3.Session())


def finish_run(events: Payload, _context: Any) -> Payload:
    """Fail a run that was stopped or leaves something behind. Raises RunFailed."""
    return ending.finish_run(read_event(events), boto3.Session())


def sweep(_events: Payload, _context: Any) -> Payload:
    """Delete the stacks of executions that have ended."""
    return sweeping.sweep(boto3.Session())


def _step(events: Payload) -> Step:
    return Step(read_event(events), boto3.Session())
