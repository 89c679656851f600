"""The two zips: what SSM's steps run from, and the proxy function.

The same sources give the same bytes: names sorted, times and modes fixed. The steps' zip is stored, not
deflated, because its checksum is committed and compressors differ between machines.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

from runbook.permissions import allow_list, declared
from runbook.registry import load

#: What of our package no step needs.
LAPTOP_ONLY = (
    "runbook/__main__.py",
    "runbook/cli.py",
    "runbook/documents/proxy.yaml",
    "runbook/documents/render.py",
    "runbook/documents/runbook.yaml.j2",
    "runbook/documents/sweeper.yaml.j2",
    "runbook/failure_modes.csv",
    "runbook/failure_modes.py",
    "runbook/iam/",
    "runbook/kubeconfig.py",
    "runbook/laptop.py",
    "runbook/local/",
    "runbook/pages.py",
    "runbook/parameters.py",
    "runbook/progress.py",
    "runbook/starting.py",
    "runbook/subcommands/",
)
#: What only the function needs: SSM's Python has no kubernetes.
FUNCTION_ONLY = ("lambda_proxy/handler.py", "lambda_proxy/transport.py")
#: Modules of Jinja2 that nothing imports unless it is asked to.
UNUSED_JINJA2 = tuple(f"jinja2/{name}.py" for name in ("constants", "ext", "meta", "nativetypes", "sandbox"))

LOCK = Path(__file__).parents[2] / "locks" / "function.txt"
#: The parts of the closure that nothing imports: what only the asynchronous client needs, and the typed
#: client's hundred megabytes, whose packages must be there but may be empty.
_UNUSED_DISTRIBUTIONS = ("aiohttp", "aiohttp-retry")
_UNUSED_FILES = re.compile(
    r"\.\./|kubernetes/aio/|kubernetes/client/(api|models)/(?!__init__\.py$)|(.*/)?(tests?|__pycache__)/"
    r"|kubernetes/.*_test\.py$"
)
#: What compilers leave or read.
_NOT_SOURCE = (".pyc", ".pyi", ".pyx", ".pxd", ".c", ".h", ".typed")
#: MarkupSafe has a plain twin of what it compiles.
_COMPILED = (".so", ".pyd")
_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")
_TIME = (1980, 1, 1, 0, 0, 0)

Files = dict[str, bytes]


def steps_zip() -> bytes:
    """What the documents attach as `steps.zip`: `Handler: steps.<function>` finds its file at the root."""
    files: Files = {}
    for name in ("runbook", "lambda_proxy", "jinja2", "markupsafe"):
        files |= _below(resources.files(name), name + "/")
    for name in ("jinja2", "markupsafe"):
        files |= {to: data for to, data in _distribution(metadata.distribution(name)) if _is_licence(to)}
    left_out = (*LAPTOP_ONLY, *FUNCTION_ONLY, *UNUSED_JINJA2)
    kept = {
        name: data
        for name, data in files.items()
        if not name.startswith(left_out) and not name.endswith(_COMPILED)
    }
    kept["steps.py"] = kept.pop("runbook/steps.py")
    return _zip(kept, zipfile.ZIP_STORED)


def function_zip(site_packages: Path, *, compressed: bool = True) -> bytes:
    """The proxy function with the kubernetes client and all it imports, as installed in `site_packages`.

    Raises KeyError for a package that is missing there. Not compressed it is made in a tenth of the time.
    """
    files = _below(resources.files("lambda_proxy"), "lambda_proxy/")
    allowed = asdict(allow_list(declared(load())))
    files["lambda_proxy/allowed.json"] = json.dumps(allowed, indent=1).encode()
    for distribution in _closure("kubernetes", site_packages):
        files |= dict(_distribution(distribution))
    return _zip(files, zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED)


def host_site_packages() -> Path:
    """Where this machine's own packages are."""
    return Path(sysconfig.get_path("platlib"))


def download(platform: str, python: str, into: Path) -> Path:
    """Install locks/function.txt for `platform` ("x86_64" or "aarch64") and `python` ("3.11") into a folder.

    Raises subprocess.CalledProcessError.
    """
    wheels = ("--only-binary=:all:", f"--platform=manylinux2014_{platform}", f"--python-version={python}")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile")
    what = ("--no-deps", "--require-hashes", f"--requirement={LOCK}", f"--target={into}")
    subprocess.run((*pip, *wheels, *what), check=True)
    return into


def digest(code: bytes) -> str:
    """SHA-256 of a zip's names and contents: the same wherever it was made, whatever compressed it."""
    hashed = hashlib.sha256()
    with zipfile.ZipFile(io.BytesIO(code)) as archive:
        for name in sorted(archive.namelist()):
            hashed.update(f"{name} {hashlib.sha256(archive.read(name)).hexdigest()}\n".encode())
    return hashed.hexdigest()


def _below(folder: Traversable, prefix: str) -> Files:
    """The files of a package, without what Python, a compiler or an editor left there."""
    files: Files = {}
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.name.startswith((".", "__pycache__")) or name.endswith(_NOT_SOURCE):
            continue
        if entry.is_dir():
            files |= _below(entry, name + "/")
        else:
            files[name] = entry.read_bytes()
    return files


def _closure(name: str, site_packages: Path) -> list[metadata.Distribution]:
    """A distribution and all that it requires there, by the names that they give themselves."""
    installed = {_normal(d.name): d for d in metadata.distributions(path=[str(site_packages)])}
    found: dict[str, metadata.Distribution] = {}
    todo = [name]
    while todo:
        name = todo.pop()
        if name not in found and name not in _UNUSED_DISTRIBUTIONS:
            found[name] = installed[name]
            todo += [_required(line) for line in found[name].requires or () if "extra ==" not in line]
    return [found[name] for name in sorted(found)]


def _distribution(distribution: metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    """The files that imports or the licence need, by their names in site-packages."""
    for file in distribution.files or ():
        name = file.as_posix()
        is_metadata = name.partition("/")[0].endswith(".dist-info")
        if _UNUSED_FILES.match(name) or name.endswith(_NOT_SOURCE) or (is_metadata and not _is_licence(name)):
            continue
        yield name, Path(file.locate()).read_bytes()


def _is_licence(name: str) -> bool:
    folder, _, rest = name.partition("/")
    return folder.endswith(".dist-info") and re.search("licen[cs]e|notice", rest, re.IGNORECASE) is not None


def _required(line: str) -> str:
    found = _REQUIREMENT.match(line)
    return _normal(found[0] if found else line)


def _normal(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def _zip(files: Mapping[str, bytes], compression: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as on any Unix
            archive.writestr(entry, files[name], compression)
    return packed.getvalue()
