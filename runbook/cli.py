"""The command line: `python -m runbook …`, installed as `eks-runbook`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runbook import subcommands
from runbook.subcommands import FAILURE, INTERRUPTED

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
    parser.add_argument("--version", action=_Version, nargs=0, help="the installed version")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_run(commands)
    replay = commands.add_parser("replay", help="judge a recording again")
    replay.add_argument(
        "recording", metavar="RECORDING", help="a file, a folder of parts, or s3://bucket/key"
    )
    _add_output(replay)
    replay.set_defaults(command=subcommands.replay)
    checks = commands.add_parser("checks", help="what is checked")
    checks.add_argument("--family", help="only the checks of one runbook, such as ebs")
    checks.set_defaults(command=subcommands.checks)
    explain = commands.add_parser("explain", help="one check's page")
    explain.add_argument("check", metavar="CHECK")
    explain.set_defaults(command=subcommands.explain)
    return parser


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser("demo", help="a broken cluster on this machine, diagnosed")
    demo.add_argument("scenario", nargs="?", default="wrong_audience", metavar="SCENARIO")
    demo.add_argument("--list", action="store_true", help="the scenarios")
    _add_output(demo)
    demo.set_defaults(command=subcommands.demo)


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
    run.set_defaults(command=subcommands.run)


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
