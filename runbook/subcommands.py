"""What each subcommand does; returns the exit status. Imports wait until their subcommand runs."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runbook.model import UsageError

if TYPE_CHECKING:
    from runbook.documents import Document
    from runbook.recording import Recording

HEALTHY, FAULTY, INCONCLUSIVE, FAILURE, INTERRUPTED = 0, 1, 2, 3, 130
_WIDTH = 100
_BY_VERDICT = {"healthy": HEALTHY, "faulty": FAULTY, "inconclusive": INCONCLUSIVE}


def demo(options: argparse.Namespace) -> int:
    """A scenario, embedded; status 0 when the report is what the scenario expects."""
    from runbook.local.scenarios import scenarios
    from runbook.progress import progress
    from runbook.wording import near

    known = scenarios()
    if options.list:
        width = max(map(len, known))
        for one in known.values():
            print(f"{one.name:{width}}  {one.title}")
        return 0
    if options.scenario not in known:
        alike = near(options.scenario, known)
        hint = f"; did you mean {alike[0]}?" if alike else ""
        raise UsageError(f"there is no scenario '{options.scenario}'{hint}; demo --list names them")
    try:
        from runbook.local.demonstration import demonstrate, deviation
    except ModuleNotFoundError as error:
        raise UsageError(f"demo needs package {error.name}: pip install 'eks-runbook[demo]'") from None
    _writable(options.output_file)
    scenario = known[options.scenario]
    with progress(f"demo: {scenario.title}") as show:
        done = demonstrate(scenario, _now, show)
    _tell(done.report, options)
    if wrong := deviation(scenario, done.report):
        print(
            f"eks-runbook: the report is not what scenario {scenario.name} expects: {wrong}", file=sys.stderr
        )
        return FAILURE
    return 0


def run(options: argparse.Namespace) -> int:
    """The checks of a document from this machine; the status says the verdict."""
    from runbook import parameters
    from runbook.recording import Header, Recording

    document = parameters.find_document(options.document)
    given = parameters.read(document, options.parameters)
    for name in ("kubeconfig", "context", "endpoint_url", "profile", "region"):
        if str(getattr(options, name)) in ("", "."):
            raise UsageError(f"--{name.replace('_', '-')} is given as empty; leave it out")
    if options.context and not options.kubeconfig:
        raise UsageError("--context names a context of a kubeconfig; give --kubeconfig as well")
    for parameter in document.parameters:
        if parameter.deployment_only and given[parameter.name]:
            print(f"eks-runbook: {parameter.name} is ignored: nothing is deployed by 'run'", file=sys.stderr)
            given[parameter.name] = ""
    _writable(options.output_file, options.record)
    name = given["EksClusterName"]
    header = Header(runbook=document.name, parameters=given, cluster={"name": name}, now=_now())
    recording = Recording(header=header)
    try:
        report = asyncio.run(_ask_and_judge(options, document, recording))
    finally:
        # What was learned is kept even when the run is interrupted.
        if options.record and recording.entries:
            _replace(options.record, recording.dump())
    _tell(report, options)
    return _status(report, recording)


async def _ask_and_judge(
    options: argparse.Namespace, document: Document, recording: Recording
) -> dict[str, Any]:
    from runbook.laptop import aws_session, connect
    from runbook.progress import progress
    from runbook.report.words import runbook_title
    from runbook.run import ask, judge

    sources = await connect(
        recording,
        session=aws_session(options.profile, options.region),
        kubeconfig=options.kubeconfig,
        context=options.context,
        endpoint_url=options.endpoint_url,
    )
    with progress(f"{runbook_title(document.name)} · cluster {recording.header.cluster['name']}") as show:
        await ask(document, recording, sources, _now, show)
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
    _writable(options.output_file)
    if options.output_file and options.output_file.resolve() == Path(options.recording).resolve():
        raise UsageError("the report would overwrite the recording; give them different names")
    report = runs.replay(document, recording, options.recording)
    _tell(report, options)
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
    return _BY_VERDICT[report["verdict"]]


def checks(options: argparse.Namespace) -> int:
    """List the checks."""
    from runbook.registry import load

    registry = load()
    families = sorted({check.family for check in registry.checks.values()})
    if options.family and options.family not in families:
        raise UsageError(f"there is no family '{options.family}'; built are {', '.join(families)}")
    chosen = [c for c in registry.checks.values() if options.family in (None, c.family)]
    width = max(len(check.id) for check in chosen)
    for check in chosen:
        print(f"{check.id:{width}}  {check.severity:8}  {check.kind:8}  {check.title}")
    return 0


def explain(options: argparse.Namespace) -> int:
    """Print one check's page."""
    from runbook.pages import check_page
    from runbook.registry import load
    from runbook.wording import near

    registry = load()
    if options.check not in registry.checks:
        alike = near(options.check, registry.checks)
        hint = f"; did you mean {alike[0]}?" if alike else ""
        raise UsageError(f"there is no check '{options.check}'{hint}; 'checks' lists them")
    print(check_page(registry.checks[options.check], registry), end="")
    return 0


def _tell(report: dict[str, Any], options: argparse.Namespace) -> None:
    from runbook.report import render

    if options.output_file:
        options.output_file.write_text(render(report, options.output), encoding="utf-8")
        print(f"eks-runbook: the report is in {options.output_file}", file=sys.stderr)
        return
    if sys.stdout is None:
        raise UsageError("standard output is closed; use --output-file")
    terminal = sys.stdout.isatty()
    width = min(_WIDTH, shutil.get_terminal_size().columns) if terminal else _WIDTH
    print(render(report, options.output, width=width, color=terminal), end="", flush=True)


def _writable(*paths: Path | None) -> None:
    """Find out before asking anything; a report that cannot be kept is an hour lost."""
    for path in filter(None, paths):
        there = path.exists()
        if there and not path.is_file():
            raise UsageError(f"{path} cannot be written: it is no file")
        try:
            with path.open("ab"):
                pass
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None
        if not there:
            path.unlink()
    if len({path.resolve() for path in paths if path}) < sum(path is not None for path in paths):
        raise UsageError("the report would overwrite the recording; give them different names")


def _now() -> datetime:
    return datetime.now(UTC)
