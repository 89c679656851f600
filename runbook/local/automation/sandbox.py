"""Scripts of aws:executeScript, each in a process of its own with SSM's limits."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import boto3

from runbook.local.automation.sandbox_child import IMPORT, RUN

# https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html
MEMORY = 512 * 1024 * 1024
LARGEST = 100 * 1024
LONGEST_LOG = 64 * 1024
INLINE = "customer_script"


class ScriptFailed(Exception):
    """The script raised, ended without a result, or returned what cannot be kept."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script: where its code lies, which `module.function` is called, with what, and as whom."""

    code: Path
    handler: str
    payload: Any
    environment: dict[str, str]


class Run:
    """A script that is running."""

    def __init__(self, pid: int, stream: IO[str], home: tempfile.TemporaryDirectory[str], log: Path) -> None:
        self._pid = pid
        self._stream = stream
        self._home = home
        self._log = log

    def result(self) -> tuple[Any, str]:
        """What the script returned, and what it wrote. Waits for it. Raises ScriptFailed."""
        with self._home, self._stream:
            line = self._stream.readline()
            log = self.log()
        told = json.loads(line) if line else {"error": "The script's process ended without a result."}
        if "error" in told:
            raise ScriptFailed(told["error"], log)
        text: str = told["result"]
        if len(text.encode()) > LARGEST:
            size = len(text.encode())
            raise ScriptFailed(f"The script returned {size} bytes; at most {LARGEST} are allowed.", log)
        return json.loads(text), log

    def log(self) -> str:
        """What the script has written until now: the end of it, where it is long."""
        text = self._log.read_bytes()[-LONGEST_LOG:] if self._log.exists() else b""
        return text.decode(errors="replace")

    def kill(self) -> None:
        """End the script and whatever it has started."""
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it has just ended by itself


class Sandbox:
    """Where scripts run. Their process starts with the first of them and ends with `close`.

    It needs fork, so Linux or macOS.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._importers: dict[Path, socket.socket] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="eks-runbook-scripts-")

    def warm_up(self, code: Path | None = None) -> None:
        """Begin to import what scripts need, those in `code` in particular, without waiting for it."""
        with self._lock:
            base = self._started()
            if code is not None and code not in self._importers:
                self._importers[code], theirs = socket.socketpair()
                with theirs:
                    socket.send_fds(base, [IMPORT], [theirs.fileno()])
                self._importers[code].sendall(f"{code}\n".encode())

    def unpacked(self, name: str, data: bytes) -> Path:
        """The folder with an attachment's files; unpacked once."""
        with self._lock:
            folder = Path(self._folder.name) / hashlib.sha256(data).hexdigest()
            if not folder.exists():
                folder.mkdir()
                if name.endswith(".zip"):
                    zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
                else:
                    (folder / name).write_bytes(data)
            return folder

    def start(self, script: Script) -> Run:
        """Start a script."""
        home = tempfile.TemporaryDirectory(prefix="home-", dir=self._folder.name)
        log = Path(home.name).with_suffix(".log")
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            template = self._importers.get(script.code) or self._started()
            socket.send_fds(template, [RUN], [theirs.fileno()])
        stream = ours.makefile("rw", encoding="utf-8")
        ours.close()
        pid = json.loads(stream.readline())["pid"]
        job = {
            "code": str(script.code),
            "handler": script.handler,
            "payload": script.payload,
            "environment": {**script.environment, "HOME": home.name, "TMPDIR": home.name},
            "home": home.name,
            "log": str(log),
            "memory": MEMORY,
        }
        stream.write(json.dumps(job, default=str) + "\n")
        stream.flush()
        return Run(pid, stream, home, log)

    def _started(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair()
            child = Path(__file__).with_name("sandbox_child.py")
            packages = str(Path(boto3.__file__).parents[1])
            with theirs:
                self._process = subprocess.Popen(
                    # -B: nothing may still be writing into the folder of files when it is removed.
                    [sys.executable, "-I", "-S", "-B", str(child), str(theirs.fileno()), packages],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env={},
                )
        return self._control

    def close(self) -> None:
        """End the process and remove all files. Scripts that still run are their callers' to kill."""
        with self._lock:
            for control in (*self._importers.values(), *filter(None, [self._control])):
                control.close()
            if self._process is not None:
                self._process.kill()  # it may still be importing
                self._process.wait()
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
