"""The command line: `python -m runbook …`, installed as `eks-runbook`."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from runbook.model import UsageError
from runbook.subcommands import checking, demo, reading, start
from runbook.subcommands.output import FAILURE, INTERRUPTED, warn
from runbook.wording import said_by

_FORMS = ("text", "md", "html", "json")


def entry() -> NoReturn:
    """The command: run, flush, and leave with the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A report must not be lost to a terminal that cannot show one of its characters.
            stream.reconfigure(errors="backslashreplace")
    status = main()
    with contextlib.suppress(OSError, AttributeError):
        sys.stdout.flush()
    if status == INTERRUPTED:
        # Without waiting for threads in which some server has yet to answer.
        os._exit(status)
    sys.exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    try:
        options = _parse(arguments)
        return int(options.command(options))
    except UsageError as error:
        from runbook.report.harmless import harmless

        return _say(str(harmless(str(error))))
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads us has seen enough; Python must not complain again when it flushes.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        return FAILURE
    except OSError as error:
        return _say(f"the report cannot be written: {error.strerror}")
    # Python's own exit status after an exception is 1, which here would say "faulty".
    except Exception as error:  # noqa: BLE001
        return _say(f"a defect of this program, please report it: {type(error).__name__}: {said_by(error)}")


def _say(sentence: str) -> int:
    warn(sentence)
    return FAILURE


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        """Usage errors end with status 3 here, as inconclusive has 2."""
        warn(f"{message}\n{self.format_usage().strip()}")
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
    parser.add_argument("--version", action=_Version, nargs=0, help="the installed version")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_start(commands)
    _add_run(commands)
    replay = commands.add_parser("replay", help="judge a recording again")
    replay.add_argument(
        "recording", metavar="RECORDING", help="a file, a folder of parts, or s3://bucket/key"
    )
    _add_output(replay)
    replay.set_defaults(command=checking.replay)
    checks = commands.add_parser("checks", help="what is checked")
    checks.add_argument("--family", help="only the checks of one runbook, such as ebs")
    checks.set_defaults(command=reading.checks)
    explain = commands.add_parser("explain", help="one check's page")
    explain.add_argument("check", metavar="CHECK")
    explain.set_defaults(command=reading.explain)
    return parser


def _add_demo(commands: Any) -> None:
    one = commands.add_parser("demo", help="a broken cluster and its account on this machine, diagnosed")
    one.add_argument("scenario", nargs="?", default=demo.DEFAULT, metavar="SCENARIO")
    one.add_argument("--list", action="store_true", help="the scenarios")
    _add_output(one)
    one.set_defaults(command=demo.demo)
    serve = commands.add_parser("serve", help="the same account and cluster, for the aws command line")
    serve.add_argument("scenario", nargs="?", default=demo.DEFAULT, metavar="SCENARIO")
    serve.add_argument("--port", type=_port, default=0, help="of the account; else any that is free")
    serve.set_defaults(command=demo.serve)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: a number from 0 to 65535")
    return int(text)


def _add_start(commands: Any) -> None:
    one = commands.add_parser("start", help="a deployed runbook in an AWS account, followed to its report")
    one.add_argument("document", metavar="DOCUMENT")
    one.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    one.add_argument("--execution", metavar="ID", help="follow this one, which was started before")
    one.add_argument(
        "--stop-when-interrupted", action="store_true", help="cancel the execution on Ctrl-C, else it goes on"
    )
    _add_account(one)
    _add_output(one)
    one.set_defaults(command=start.start)


def _add_run(commands: Any) -> None:
    run = commands.add_parser("run", help="a runbook's checks from this machine, without deployment")
    run.add_argument("document", metavar="DOCUMENT")
    run.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    run.add_argument("--kubeconfig", type=Path, metavar="FILE")
    run.add_argument("--context", metavar="NAME")
    _add_account(run)
    run.add_argument("--record", type=Path, metavar="FILE", help="keep every question and answer")
    _add_output(run)
    run.set_defaults(command=checking.run)


def _add_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--endpoint-url", metavar="URL", help="of AWS")
    parser.add_argument("--profile", metavar="NAME", help="of the AWS configuration")
    parser.add_argument("--region")


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", choices=_FORMS, default="text")
    parser.add_argument("--output-file", type=Path, metavar="FILE")


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: that costs more than everything else at the start."""

    def __call__(self, *_: Any) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"eks-runbook {version('eks-runbook')}")
        except PackageNotFoundError:
            print("eks-runbook (not installed)")
        raise SystemExit(0)
