"""The steps run from a zip: templates, style and schema must be found there too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import runbook.report
from runbook.report import render, schema
from tests.report.samples import SAMPLES

PROGRAM = """
import json, sys
import runbook.report as report
assert ".zip" in report.__file__, report.__file__
given = json.load(sys.stdin)
forms = [report.render(given, form) for form in ("text", "md", "html", "json")]
json.dump([report.schema(), *forms], sys.stdout)
"""


def test_reports_are_rendered_from_inside_a_zip(tmp_path: Path) -> None:
    package = Path(runbook.report.__file__).parent
    with zipfile.ZipFile(tmp_path / "steps.zip", "w") as archive:
        archive.writestr("runbook/__init__.py", "")
        archive.write(package.parent / "wording.py", "runbook/wording.py")
        for path in package.iterdir():
            if path.is_file():
                archive.write(path, f"runbook/report/{path.name}")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=render(SAMPLES["faulty"], "json"),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "steps.zip"), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [
        schema(),
        *(render(SAMPLES["faulty"], f) for f in ("text", "md", "html", "json")),
    ]
