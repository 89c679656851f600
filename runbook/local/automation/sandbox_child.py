"""The process in which scripts run. It stands alone: `python -I -S sandbox_child.py FD SITE_PACKAGES`.

It has boto3 imported, then waits. For each byte on the socket FD comes another socket, and a fork of this
process takes it: for RUN it reads a job, runs it and writes the result; for IMPORT it reads a folder, imports
what lies there, and then serves as this process does. So a script starts in milliseconds, and sees what SSM's
Python has: the standard library, boto3 with what that needs, and its own files.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import traceback
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import IO, Any

BOTO = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"})
RUN, IMPORT = b"r", b"i"
#: Services whose models every second script reads; reading one anew takes up to 0.1 s.
PRELOADED = ("ec2", "eks", "iam", "lambda", "s3", "ssm", "sts", "cloudformation")


class OnlyBoto:
    """Finds boto3 and its dependencies, and nothing else beside them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        return PathFinder.find_spec(name, [self._folder]) if name in BOTO else None


def preload() -> None:
    """Import boto3 and keep the models it reads, so that all forks have them."""
    import boto3
    from botocore.loaders import JSONFileLoader

    read = functools.cache(partial(JSONFileLoader.load_file, JSONFileLoader()))
    setattr(JSONFileLoader, "load_file", lambda _loader, path: read(path))  # noqa: B010  # a method is replaced
    session: Any = boto3.Session(region_name="us-east-1")
    for service in PRELOADED:
        session.client(service)
    gc.freeze()


def serve(control: socket.socket) -> None:
    """Fork for every job, until the other side closes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(control, 1, 1)
        if not message:
            return
        connection = socket.socket(fileno=descriptors[0])
        if os.fork() == 0:
            control.close()
            if message == IMPORT:
                _import(_line(connection))
                control = connection
                continue
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _work(connection)
        connection.close()


def _line(connection: socket.socket) -> str:
    """One line, and not a byte of what follows it."""
    line = bytearray()
    while (letter := connection.recv(1)) not in (b"\n", b""):
        line += letter
    return line.decode()


def _import(folder: str) -> None:
    """Import the modules at the root of a script's files; what fails will fail again when it is called."""
    sys.path.insert(0, folder)
    for file in sorted(Path(folder).glob("*.py")):
        with contextlib.suppress(BaseException):
            importlib.import_module(file.stem)
    sys.path.remove(folder)
    gc.freeze()


def _work(connection: socket.socket) -> None:
    os.setsid()  # a group of its own: it can be killed with all that it started
    stream = connection.makefile("rw", encoding="utf-8")
    try:
        _tell(stream, {"pid": os.getpid()})
        job = json.loads(stream.readline())
        _settle(job)
        outcome = _outcome(job)
        sys.stdout.flush()
        sys.stderr.flush()
        _tell(stream, outcome)
    finally:
        os._exit(0)


def _tell(stream: IO[str], value: dict[str, Any]) -> None:
    stream.write(json.dumps(value) + "\n")
    stream.flush()


def _settle(job: dict[str, Any]) -> None:
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.environ.clear()
    os.environ.update(job["environment"])
    os.chdir(job["home"])
    sys.path.insert(0, job["code"])
    resource.setrlimit(resource.RLIMIT_DATA, (job["memory"], job["memory"]))


def _outcome(job: dict[str, Any]) -> dict[str, Any]:
    module, _, function = job["handler"].rpartition(".")
    try:
        result = getattr(importlib.import_module(module), function)(job["payload"], {})
        return {"result": json.dumps(result)}
    except BaseException as error:  # noqa: BLE001  # whatever a script raises is its result, SystemExit too
        return {"error": _told(error)}


def _told(error: BaseException) -> str:
    """A traceback in the form that SSM gives it."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__ and "importlib" not in frame.filename]
    trace = "".join(traceback.format_list(own))
    return f"Traceback (most recent call last):\n{trace}\n{type(error).__name__} - {error}"


if __name__ == "__main__":
    sys.meta_path.append(OnlyBoto(sys.argv[2]))
    preload()
    serve(socket.socket(fileno=int(sys.argv[1])))
