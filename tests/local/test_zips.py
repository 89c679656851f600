"""The two zips: what is in them, that they are the same wherever they are made, and that they work."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from lambda_proxy.handler import allow_list as read_allow_list
from runbook import report
from runbook.local import zips
from runbook.permissions import allow_list, declared
from runbook.registry import load

#: What boto3 brings along; SSM's Python has these and nothing else.
BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
EXAMPLE = Path("tests/golden/report/faulty.json")

#: Imports what it is told from the zip or folder that it is given, and refuses all but SSM's own packages.
CHILD = """
import importlib, importlib.abc, json, sys

class Guard(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in known or top in sys.stdlib_module_names:
            return None
        raise ModuleNotFoundError(f"SSM has no {top}", name=name)

asked = json.load(sys.stdin)
own = {name.partition(".")[0] for name in asked["modules"]}
known = own | set(asked["boto3"])
sys.meta_path.insert(0, Guard())
sys.path.insert(0, asked["place"])
for name in asked["modules"]:
    importlib.import_module(name)
elsewhere = [
    name for name, module in sys.modules.items()
    if name.partition(".")[0] in own and not module.__file__.startswith(asked["place"])
]
from runbook import report
forms = {form: report.render(asked["report"], form) for form in ("text", "md", "html", "json")}
import markupsafe
json.dump({"elsewhere": elsewhere, "forms": forms, "escape": markupsafe.escape.__module__}, sys.stdout)
"""

#: What a run of all steps imports, told by the modules that are loaded in the end.
NEEDED = """
import json, sys
sys.path.insert(0, sys.argv[1])
import steps
from runbook import documents, registry, report
registry.load()
documents.documents()
report.render(json.load(sys.stdin), "html")
json.dump(sorted(sys.modules), sys.stdout)
"""


@pytest.fixture(scope="module")
def steps() -> bytes:
    return zips.steps_zip()


@pytest.fixture(scope="module")
def function() -> bytes:
    return zips.function_zip(zips.host_site_packages())


def _open(code: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(code))


def _modules(code: bytes) -> list[str]:
    names = (name for name in _open(code).namelist() if name.endswith(".py"))
    return [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names]


def _laid(code: bytes, folder: Path, *, unpacked: bool) -> Path:
    if unpacked:
        _open(code).extractall(folder)
        return folder
    (folder / "steps.zip").write_bytes(code)
    return folder / "steps.zip"


@pytest.mark.parametrize("unpacked", [False, True], ids=["zipped", "unpacked"])
def test_the_steps_import_and_report_with_nothing_but_boto3(
    steps: bytes, tmp_path: Path, unpacked: bool
) -> None:
    example = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    place = _laid(steps, tmp_path, unpacked=unpacked)
    asked = {"place": str(place), "modules": _modules(steps), "boto3": BOTO3, "report": example}
    done = subprocess.run(
        (sys.executable, "-I", "-W", "error", "-c", CHILD),
        input=json.dumps(asked), capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.stderr == ""
    forms = {form: report.render(example, form) for form in ("text", "md", "html", "json")}
    assert json.loads(done.stdout) == {"elsewhere": [], "forms": forms, "escape": "markupsafe"}


def test_no_module_of_ours_is_in_the_zip_that_no_step_needs(steps: bytes, tmp_path: Path) -> None:
    place = _laid(steps, tmp_path, unpacked=False)
    done = subprocess.run(
        (sys.executable, "-I", "-c", NEEDED, str(place)),
        input=EXAMPLE.read_text(encoding="utf-8"), capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    # Jinja2 asks for the first when a template fails.
    assert set(_modules(steps)) - set(json.loads(done.stdout)) == {"jinja2.debug"}


def test_what_is_left_out_exists() -> None:
    """A name that is gone would go on being left out in vain."""
    jinja2 = metadata.distribution("jinja2")
    unused = [Path(str(jinja2.locate_file(name))) for name in zips.UNUSED_JINJA2]
    ours = [Path(name) for name in (*zips.LAPTOP_ONLY, *zips.FUNCTION_ONLY)]
    assert [path for path in (*ours, *unused) if not path.exists()] == []


def test_the_steps_zip_holds_sources_and_what_is_read_at_run_time(steps: bytes) -> None:
    names = _open(steps).namelist()
    assert [name for name in names if not name.endswith(".py")] == [
        "jinja2-3.1.6.dist-info/licenses/LICENSE.txt",
        "markupsafe-3.0.4.dist-info/licenses/LICENSE.txt",
        "runbook/report/report.css",
        "runbook/report/report.html",
        "runbook/report/report.js",
        "runbook/report/report.md",
        "runbook/report/report.txt",
        "runbook/report/schema.json",
    ]
    assert {name.partition("/")[0] for name in names if name.endswith(".py")} == {
        "jinja2", "lambda_proxy", "markupsafe", "runbook", "steps.py",
    }  # fmt: skip
    assert _open(steps).read("steps.py") == Path("runbook/steps.py").read_bytes()


def test_every_folder_of_the_steps_zip_is_a_package(steps: bytes) -> None:
    names = set(_open(steps).namelist())
    folders = {name.rpartition("/")[0] for name in names if name.endswith(".py") and "/" in name}
    assert {folder for folder in folders if f"{folder}/__init__.py" not in names} == set()


def test_the_steps_zip_is_stored_with_nothing_of_this_machine_in_it(steps: bytes) -> None:
    entries = _open(steps).infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {(e.compress_type, e.date_time, e.create_system, e.external_attr, e.extra) for e in entries} == {
        (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0), 3, 0o644 << 16, b"")
    }


def test_the_steps_zip_is_the_same_from_another_process_and_place(steps: bytes, tmp_path: Path) -> None:
    """As from an installed wheel: the package is found where it is, with other times and an odd hash seed."""
    root = Path.cwd()
    for name in ("runbook", "lambda_proxy"):
        (tmp_path / name).symlink_to(root / name)
    code = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1]); from runbook.local import zips; "
        "print(hashlib.sha256(zips.steps_zip()).hexdigest())"
    )
    done = subprocess.run(
        (sys.executable, "-c", code, str(tmp_path)),
        capture_output=True, text=True, check=True, cwd="/", env={"PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.stdout.strip() == hashlib.sha256(steps).hexdigest()


def test_the_function_zip_holds_the_client_without_its_hundred_megabytes(function: bytes) -> None:
    names = _open(function).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {"aiohttp", "multidict", "yarl", "boto3", "moto", "jinja2", "runbook"} & tops == set()
    assert {"kubernetes", "lambda_proxy", "pydantic", "urllib3", "yaml"} <= tops
    typed = [n for n in names if n.startswith(("kubernetes/client/api/", "kubernetes/client/models/"))]
    assert typed == ["kubernetes/client/api/__init__.py", "kubernetes/client/models/__init__.py"]
    assert [n for n in names if n.startswith("kubernetes/aio/") or "/tests/" in n or "__pycache__" in n] == []
    assert [n for n in names if "dist-info" in n and "licen" not in n.lower() and "NOTICE" not in n] == []
    assert len(function) < 15_000_000


def test_the_function_carries_the_allow_list_of_all_runbooks(function: bytes, tmp_path: Path) -> None:
    file = tmp_path / "allowed.json"
    file.write_bytes(_open(function).read("lambda_proxy/allowed.json"))
    assert read_allow_list(file) == allow_list(declared(load()))


def test_the_function_zip_is_told_by_its_contents_however_it_is_compressed(function: bytes) -> None:
    stored = zips.function_zip(zips.host_site_packages(), compressed=False)
    assert len(stored) > 2 * len(function)
    assert zips.digest(stored) == zips.digest(function)
    assert zips.function_zip(zips.host_site_packages()) == function


def test_the_digest_tells_names_and_contents_apart() -> None:
    def packed(files: dict[str, str]) -> bytes:
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return written.getvalue()

    assert zips.digest(packed({"a": "1", "b": "2"})) == zips.digest(packed({"b": "2", "a": "1"}))
    others = [{"a": "2", "b": "1"}, {"a": "1"}, {"a": "1", "c": "2"}]
    assert len({zips.digest(packed(files)) for files in ({"a": "1", "b": "2"}, *others)}) == 4


def test_the_lock_names_what_this_machine_has() -> None:
    """The function here and the deployed one are made of the same versions."""
    locked = dict(
        line.removesuffix(" \\").split("==")
        for line in zips.LOCK.read_text(encoding="utf-8").splitlines()
        if "==" in line
    )
    assert locked["kubernetes"] == metadata.version("kubernetes")
    assert {name: metadata.version(name) for name in locked} == locked
