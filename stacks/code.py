"""The two zips as files, and the names under which `cdk deploy` keeps them in S3."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

from runbook.local import zips
from runbook.permissions import allow_list, declared
from runbook.registry import load

#: pip's name for what Lambda calls arm64.
_PLATFORMS = {"x86_64": "x86_64", "arm64": "aarch64"}
_PYTHON = "3.11"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Files to upload, each with the hash that names it."""

    steps: Path
    steps_hash: str
    function: Path
    function_hash: str


def code(folder: Path, architecture: str, *, download: bool) -> Code:
    """The zips as files in `folder`. Without `download` the function's is empty, and only its name is right.

    Raises subprocess.CalledProcessError when the packages cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    packed = zips.steps_zip()
    steps_hash, function_hash = hashlib.sha256(packed).hexdigest(), _recipe(architecture)
    steps = folder / f"steps-{steps_hash}.zip"
    steps.write_bytes(packed)
    function = folder / f"function-{function_hash}.zip"
    if not download:
        function.write_bytes(b"")
    elif not function.is_file() or not function.stat().st_size:
        print(f"Packing the function for {architecture} …", file=sys.stderr)
        with tempfile.TemporaryDirectory() as packages:
            found = zips.download(_PLATFORMS[architecture], _PYTHON, Path(packages))
            function.write_bytes(zips.function_zip(found))
    return Code(steps=steps, steps_hash=steps_hash, function=function, function_hash=function_hash)


def _recipe(architecture: str) -> str:
    """A hash of all that decides what is in the function's zip: packages need not be there to know it."""
    allowed = json.dumps(asdict(allow_list(declared(load()))), sort_keys=True)
    parts = [architecture, _PYTHON, allowed, zips.LOCK.read_text(), Path(zips.__file__).read_text()]
    sources = [entry for entry in resources.files("lambda_proxy").iterdir() if entry.name.endswith(".py")]
    for entry in sorted(sources, key=lambda entry: entry.name):
        parts += [entry.name, entry.read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
