"""The command line: `python -m runbook …`, installed as `eks-runbook`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runbook.documents import Document
    from runbook.recording import Recording

HEALTHY, FAULTY, INCONCLUSIVE, FAILURE, INTERRUPTED = 0, 1, 2, 3, 130
_BY_VERDICT = {"healthy": HEALTHY, "faulty": FAULTY, "inconclusive": INCONCLUSIVE}
_FORMS = ("text", "md", "html", "json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    from runbook.model import UsageError

    options = _parse(arguments)
    try:
        return int(options.command(options))
    except UsageError as error:
        print(f"eks-runbook: {error}", file=sys.stderr)
        return FAILURE
    except KeyboardInterrupt:
        print("eks-runbook: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads us has seen enough; Python must not complain again when it flushes.
        sys.stdout = None
        return FAILURE


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        """Usage errors end with status 3 here, as inconclusive has 2."""
        print(f"eks-runbook: {message}\n{self.format_usage().strip()}", file=sys.stderr)
        raise SystemExit(FAILURE)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse; NAME=VALUE may stand before and after options, which argparse alone does not allow."""
    parser = _parser()
    options, left = parser.parse_known_args(arguments)
    if unknown := [word for word in left if word.startswith("-") or not hasattr(options, "parameters")]:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if left:
        options.parameters += left
    return options


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="eks-runbook", description="Find out why something in an Amazon EKS cluster is broken."
    )
    parser.add_argument("--version", action="version", version=f"eks-runbook {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_run(commands)
    replay = commands.add_parser("replay", help="judge a recording again")
    replay.add_argument(
        "recording", metavar="RECORDING", help="a file, a folder of parts, or s3://bucket/key"
    )
    _add_output(replay)
    replay.set_defaults(command=_replay)
    checks = commands.add_parser("checks", help="what is checked")
    checks.add_argument("--family", help="only the checks of one runbook, such as ebs")
    checks.set_defaults(command=_checks)
    explain = commands.add_parser("explain", help="one check's page")
    explain.add_argument("check", metavar="CHECK")
    explain.set_defaults(command=_explain)
    return parser


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser("demo", help="a broken cluster on this machine, diagnosed")
    demo.add_argument("scenario", nargs="?", default="wrong_audience", metavar="SCENARIO")
    demo.add_argument("--list", action="store_true", help="the scenarios")
    _add_output(demo)
    demo.set_defaults(command=_demo)


def _add_run(commands: Any) -> None:
    run = commands.add_parser("run", help="a runbook's checks from this machine, without deployment")
    run.add_argument("document", metavar="DOCUMENT")
    run.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    run.add_argument("--kubeconfig", type=Path, metavar="FILE")
    run.add_argument("--context", metavar="NAME")
    run.add_argument("--endpoint-url", metavar="URL", help="of AWS")
    run.add_argument("--profile", metavar="NAME", help="of the AWS configuration")
    run.add_argument("--region")
    run.add_argument("--record", type=Path, metavar="FILE", help="keep every question and answer")
    _add_output(run)
    run.set_defaults(command=_run)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", choices=_FORMS, default="text")
    parser.add_argument("--output-file", type=Path, metavar="FILE")


def _demo(options: argparse.Namespace) -> int:
    from runbook.evidence.wording import near
    from runbook.local.demonstration import demonstrate, deviation
    from runbook.local.scenarios import scenarios
    from runbook.model import UsageError
    from runbook.progress import progress

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


def _run(options: argparse.Namespace) -> int:
    from runbook import parameters
    from runbook.recording import Header, Recording

    document = parameters.find_document(options.document)
    given = parameters.read(document, options.parameters)
    for parameter in document.parameters:
        if parameter.deployment_only and given[parameter.name]:
            print(f"eks-runbook: {parameter.name} is ignored: nothing is deployed by 'run'", file=sys.stderr)
            given[parameter.name] = ""
    _writable(options.output_file)
    _writable(options.record)
    name = given["EksClusterName"]
    header = Header(runbook=document.name, parameters=given, cluster={"name": name}, now=_now())
    recording = Recording(header=header)
    try:
        report = asyncio.run(_ask_and_judge(options, document, recording))
    finally:
        # What was learned is kept even when the run is interrupted.
        if options.record and recording.entries:
            options.record.write_bytes(recording.dump())
    _tell(report, options)
    return _status(report, recording)


async def _ask_and_judge(
    options: argparse.Namespace, document: Document, recording: Recording
) -> dict[str, Any]:
    from runbook.laptop import aws_session, connect
    from runbook.progress import progress
    from runbook.run import ask, judge

    sources = await connect(
        recording,
        session=aws_session(options.profile, options.region),
        kubeconfig=options.kubeconfig,
        context=options.context,
        endpoint_url=options.endpoint_url,
    )
    with progress(f"{document.title} · cluster {recording.header.cluster['name']}") as show:
        await ask(document, recording, sources, _now, show)
    return await judge(document, recording, str(options.record) if options.record else None)


def _replay(options: argparse.Namespace) -> int:
    from runbook import parameters
    from runbook.model import UsageError
    from runbook.recording import RecordingError, read
    from runbook.run import replay

    recording = read(options.recording)
    try:
        document = parameters.find_document(recording.header.runbook)
    except UsageError as error:
        raise RecordingError(f"recording {options.recording} is of another runbook: {error}") from None
    _writable(options.output_file)
    report = replay(document, recording, options.recording)
    _tell(report, options)
    return _status(report, recording)


def _status(report: dict[str, Any], recording: Recording) -> int:
    from runbook.report.build import silent

    if silent(recording, "kubernetes") and silent(recording, "aws"):
        return FAILURE
    return _BY_VERDICT[report["verdict"]]


def _checks(options: argparse.Namespace) -> int:
    from runbook.model import UsageError
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


def _explain(options: argparse.Namespace) -> int:
    from runbook.evidence.wording import near
    from runbook.model import UsageError
    from runbook.pages import check_page
    from runbook.registry import load

    registry = load()
    if options.check not in registry.checks:
        alike = near(options.check, registry.checks)
        hint = f"; did you mean {alike[0]}?" if alike else ""
        raise UsageError(f"there is no check '{options.check}'{hint}; 'checks' lists them")
    print(check_page(registry.checks[options.check], registry), end="")
    return 0


def _tell(report: dict[str, Any], options: argparse.Namespace) -> None:
    import shutil

    from runbook.report import render

    if options.output_file:
        options.output_file.write_text(render(report, options.output), encoding="utf-8")
        print(f"eks-runbook: the report is in {options.output_file}", file=sys.stderr)
        return
    terminal = sys.stdout.isatty()
    width = min(100, shutil.get_terminal_size().columns) if terminal else 100
    print(render(report, options.output, width=width, color=terminal), end="")


def _writable(path: Path | None) -> None:
    """Find out before asking anything; a report that cannot be kept is an hour lost."""
    from runbook.model import UsageError

    if path is None:
        return
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _now() -> datetime:
    return datetime.now(UTC)


def _version() -> str:
    try:
        return version("eks-runbook")
    except PackageNotFoundError:
        return "(not installed)"
