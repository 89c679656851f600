"""The app, for the cdk command line and for the committed template."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from runbook.deployment import STACK
from stacks.code import code
from stacks.runbooks import EksRunbooks
from stacks.settings import read_settings


def make_app(
    folder: Path, *, context: Mapping[str, Any] | None = None, out: Path | None = None, download: bool = False
) -> cdk.App:
    """The app, with its zips in `folder`; `context` is for those that no cdk.json is read for.

    Without `download` nothing is fetched, and it can be synthesized but not deployed. Raises BadSetting.
    """
    app = cdk.App(context=context, outdir=str(out) if out else None)
    settings = read_settings(app.node.get_all_context())
    EksRunbooks(app, settings=settings, code=code(folder, settings.architecture, download=download))
    return app


def template(context: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The synthesized template."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        make_app(Path(folder, "code"), context=context, out=out).synth()
        found: dict[str, Any] = json.loads((out / f"{STACK}.template.json").read_text(encoding="utf-8"))
    return found


def committed(found: dict[str, Any]) -> str:
    """A template as the file that is committed."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
