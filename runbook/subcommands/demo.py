"""`demo` and `serve`: the embedded account and cluster."""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runbook.model import UsageError
from runbook.subcommands.output import FAILURE, now, warn, writable
from runbook.subcommands.start import tell_ended

if TYPE_CHECKING:
    from runbook.local.scenarios import Scenario

DEFAULT = "wrong_audience"


def demo(options: argparse.Namespace) -> int:
    """A scenario, embedded; status 0 when the report is what the scenario expects."""
    from runbook.local.scenarios import scenarios
    from runbook.progress import progress

    if options.list:
        width = max(map(len, scenarios()))
        for one in scenarios().values():
            print(f"{one.name:{width}}  {one.title}")
        return 0
    scenario = _scenario(options.scenario)
    with _demo_packages():
        from runbook.local.demonstration import deviation
        from runbook.local.deployed import demonstrate
    writable(options.output_file)
    with progress(f"demo: {scenario.title}") as lines:
        ended = demonstrate(scenario, now, lines)
    if ended.report:
        # The bucket is gone with the account: nothing could be replayed from it.
        ended = replace(ended, report={**ended.report, "recording": None})
    tell_ended(options, ended)
    if not ended.summary:
        warn(f"the execution ended with {ended.status}: {ended.failure}")
        return FAILURE
    if wrong := deviation(scenario, ended.report or ended.summary):
        warn(f"the report is not what scenario {scenario.name} expects: {wrong}")
        return FAILURE
    return 0


def serve(options: argparse.Namespace) -> int:
    """Keep a scenario's account and cluster up until told to end."""
    scenario = _scenario(options.scenario)
    with _demo_packages():
        from runbook.local.deployed import deployed, how_to
    _refuse_taken(options.port)
    with deployed(scenario.world(now()), port=options.port) as servers:
        print(how_to(scenario, servers), flush=True)
        _until_told_to_end()
    return 0


def _until_told_to_end() -> None:
    """Wait for Ctrl-C or a request to end, also where the shell has put us into the background."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()


def _refuse_taken(port: int) -> None:
    """The server would end the whole program over it. Raises UsageError."""
    with socket.socket() as taking:
        taking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taking.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(f"port {port} cannot be used: {error.strerror}") from None


@contextlib.contextmanager
def _demo_packages() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(f"this needs package {error.name}: pip install 'eks-runbook[demo]'") from None


def _scenario(name: str) -> Scenario:
    from runbook.local.scenarios import scenarios
    from runbook.wording import did_you_mean

    known: dict[str, Any] = dict(scenarios())
    if name not in known:
        hint = did_you_mean(name, known)
        raise UsageError(f"there is no scenario '{name}'{hint}; demo --list names them")
    found: Scenario = known[name]
    return found
