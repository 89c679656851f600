"""`run` and `replay`: the checks on this machine."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runbook.model import UsageError
from runbook.subcommands.output import BY_VERDICT, FAILURE, now, refuse_empty, tell, warn, writable

if TYPE_CHECKING:
    from runbook.documents import Document
    from runbook.recording import Recording


def run(options: argparse.Namespace) -> int:
    """The checks of a document from this machine; the status says the verdict."""
    from runbook import parameters
    from runbook.recording import Header, Recording

    document = parameters.find_document(options.document)
    given = parameters.read(document, options.parameters)
    refuse_empty(options, "kubeconfig", "context", "endpoint_url", "profile", "region")
    if options.context and not options.kubeconfig:
        raise UsageError("--context names a context of a kubeconfig; give --kubeconfig as well")
    for parameter in document.parameters:
        if parameter.deployment_only and given[parameter.name]:
            warn(f"{parameter.name} is ignored: nothing is deployed by 'run'")
            given[parameter.name] = ""
    writable(options.output_file, options.record)
    name = given["EksClusterName"]
    header = Header(runbook=document.name, parameters=given, cluster={"name": name}, now=now())
    recording = Recording(header=header)
    try:
        report = asyncio.run(_ask_and_judge(options, document, recording))
    finally:
        # What was learned is kept even when the run is interrupted.
        if options.record and recording.entries:
            _replace(options.record, recording.dump())
    tell(report, options)
    return _status(report, recording)


async def _ask_and_judge(
    options: argparse.Namespace, document: Document, recording: Recording
) -> dict[str, Any]:
    from runbook.laptop import aws_session, connect
    from runbook.progress import of_checks, progress
    from runbook.report.words import runbook_title
    from runbook.run import ask, judge

    sources = await connect(
        recording,
        session=aws_session(options.profile, options.region),
        kubeconfig=options.kubeconfig,
        context=options.context,
        endpoint_url=options.endpoint_url,
    )
    with progress(f"{runbook_title(document.name)} · cluster {recording.header.cluster['name']}") as lines:
        await ask(document, recording, sources, now, of_checks(lines))
    return await judge(document, recording, str(options.record) if options.record else None)


def replay(options: argparse.Namespace) -> int:
    """Judge a recording again; the status says the verdict."""
    from runbook import parameters
    from runbook import run as runs
    from runbook.recording import RecordingError, read

    recording = read(options.recording)
    try:
        document = parameters.find_document(recording.header.runbook)
    except UsageError as error:
        raise RecordingError(f"recording {options.recording} is of another runbook: {error}") from None
    writable(options.output_file)
    if options.output_file and options.output_file.resolve() == Path(options.recording).resolve():
        raise UsageError("the report would overwrite the recording; give them different names")
    report = runs.replay(document, recording, options.recording)
    tell(report, options)
    return _status(report, recording)


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _status(report: dict[str, Any], recording: Recording) -> int:
    from runbook.report.build import silent

    if silent(recording, "kubernetes") and silent(recording, "aws"):
        return FAILURE
    return BY_VERDICT[report["verdict"]]
