"""Time limits and cancellation, for everything that a step waits for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class OutOfTime(Exception):
    """The step has used its time."""


class Stopped(Exception):
    """The execution was told to stop."""


class Pulse:
    """What ends a step early: its deadline, or `stop`. One is made for each attempt."""

    def __init__(self, *, seconds: float | None = None) -> None:
        self._change = threading.Condition()
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._stopped = False

    def stop(self) -> None:
        """End whatever waits now, and whatever would wait later."""
        with self._change:
            self._stopped = True
            self._change.notify_all()

    def check(self) -> None:
        """Raise Stopped when it was told to stop."""
        if self._stopped:
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Wait. Raises Stopped or OutOfTime."""
        enough = time.monotonic() + seconds
        self._wait(lambda: time.monotonic() >= enough, enough)

    def call(self, work: Callable[[], Result], abandon: Callable[[], None] = lambda: None) -> Result:
        """The result of work that may block; `abandon` ends it when there is no more waiting for it.

        Raises Stopped, OutOfTime, and what the work raises.
        """
        outcome: list[tuple[Result] | BaseException] = []

        def run() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001  # it is raised again in the thread that waits
                outcome.append(error)
            else:
                outcome.append((result,))
            with self._change:
                self._change.notify_all()

        threading.Thread(target=run, daemon=True, name="automation-step").start()
        try:
            self._wait(lambda: bool(outcome), None)
        except (Stopped, OutOfTime):
            abandon()
            raise
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0][0]

    def _wait(self, done: Callable[[], bool], until: float | None) -> None:
        ends = [end for end in (until, self._deadline) if end is not None]
        with self._change:
            while not done():
                if self._stopped:
                    raise Stopped
                now = time.monotonic()
                if self._deadline is not None and now >= self._deadline:
                    raise OutOfTime
                self._change.wait(min(ends) - now if ends else None)
