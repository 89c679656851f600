"""`start`: a deployed document in an account."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from runbook.model import UsageError
from runbook.subcommands.output import (
    BY_VERDICT,
    FAILURE,
    INTERRUPTED,
    program,
    refuse_empty,
    tell,
    tell_text,
    warn,
    writable,
)

if TYPE_CHECKING:
    from runbook.starting import Ended


def start(options: argparse.Namespace) -> int:
    """Start (or go on following) a document; the status says the verdict of its report."""
    from runbook import parameters
    from runbook.laptop import aws_session

    document = parameters.find_document(options.document)
    refuse_empty(options, "endpoint_url", "profile", "region", "execution")
    given = parameters.read_given(document, options.parameters)
    if options.execution and given:
        raise UsageError("--execution follows what was started already; leave the parameters out")
    if not options.execution:
        parameters.complete(document, given)
    writable(options.output_file)
    session = aws_session(options.profile, options.region)
    if session.region_name is None:
        raise UsageError("no AWS Region is set; give --region")
    ssm = session.client("ssm", endpoint_url=options.endpoint_url)
    execution = options.execution or _start(ssm, document.name, given)
    try:
        ended = _follow(options, session, execution, document.name)
    except KeyboardInterrupt:
        return _interrupted(options, session, ssm, execution, document.name)
    except UsageError:
        if not options.execution:
            _tell_ways(options, session, execution, document.name)
        raise
    warn(f"the execution ended with {ended.status}" + (f": {ended.failure}" if ended.failure else ""))
    return tell_ended(options, ended)


def _start(ssm: Any, document: str, given: dict[str, str]) -> str:
    from runbook.starting import start as begin

    try:
        return begin(ssm, document, given)
    except KeyboardInterrupt:
        warn(
            f"interrupted while {document} was being started: aws ssm describe-automation-executions "
            "tells whether it runs"
        )
        raise


def _follow(options: argparse.Namespace, session: Any, execution: str, document: str) -> Any:
    from runbook.progress import progress
    from runbook.report.words import runbook_title
    from runbook.starting import follow

    with progress(f"{runbook_title(document)} · execution {execution}") as lines:
        return follow(session, execution, lines, endpoint_url=options.endpoint_url)


def _interrupted(options: argparse.Namespace, session: Any, ssm: Any, execution: str, document: str) -> int:
    from runbook import starting

    if options.stop_when_interrupted:
        starting.stop(ssm, execution)
        warn(f"interrupted; execution {execution} is being cancelled, and removes its proxy before it ends")
        return INTERRUPTED
    warn(f"interrupted; execution {execution} goes on by itself")
    _tell_ways(options, session, execution, document)
    return INTERRUPTED


def _tell_ways(options: argparse.Namespace, session: Any, execution: str, document: str) -> None:
    from runbook.starting import ways_on

    given = {
        "--region": session.region_name,
        "--profile": options.profile,
        "--endpoint-url": options.endpoint_url,
    }
    where = [word for option, value in given.items() if value for word in (option, value)]
    for way in ways_on(program(), document, execution, where):
        warn(way)


def tell_ended(options: argparse.Namespace, ended: Ended) -> int:
    """Tell the report, from S3 or from the outputs; what it cannot tell stands on standard error."""
    from runbook.deployed.execution import NOTHING

    left = ended.outputs.get("LeftBehind", NOTHING)
    if left != NOTHING:
        warn(f"left behind: {left}")
    if ended.report is not None:
        tell(ended.report, options)
        return BY_VERDICT[ended.report["verdict"]]
    text = ended.outputs.get("Report", "")
    if text and options.output == "text":
        tell_text(text, options)
    warn(ended.told)
    if text and options.output != "text":
        raise UsageError(f"the report exists as text alone; leave --output {options.output} out")
    return BY_VERDICT.get(ended.outputs.get("Verdict", ""), FAILURE)
