"""Child processes whose output goes to files, and is shown when they fail."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path


class StartError(Exception):
    """A program ended or was not ready in time; the text holds the end of its output."""


class Programs:
    """Programs by name, each with its output in `<folder>/<name>.log`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: list[str]) -> None:
        """Start a program; it shares a pipe with us, so that it can notice our end."""
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def stop(self, name: str) -> None:
        """End a program at once, if it runs: nothing of its state is wanted."""
        if program := self._running.pop(name, None):
            program.kill()
            program.communicate()

    def stop_all(self) -> None:
        """End all programs, the last one started first."""
        for name in reversed(list(self._running)):
            self.stop(name)

    def running(self) -> list[str]:
        """The names of the programs that were started and not stopped."""
        return list(self._running)

    def wait(self, name: str, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until `ready` says so. Raises StartError when the program ends or time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if (status := self._running[name].poll()) is not None:
                raise StartError(f"{name} ended with status {status}:\n{self._tail(name)}")
            if time.monotonic() > deadline:
                raise StartError(f"{name} was not ready after {seconds:.0f} s:\n{self._tail(name)}")
            time.sleep(0.05)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _tail(self, name: str, lines: int = 60) -> str:
        return "\n".join(self._log(name).read_text(errors="replace").splitlines()[-lines:])
