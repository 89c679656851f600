"""`python -m stacks` writes the template that the embedded account is set up from."""

from __future__ import annotations

from pathlib import Path

from stacks.app import committed, template
from stacks.runbooks import NAME

if __name__ == "__main__":
    file = Path(__file__).parents[1] / "runbook" / "local" / f"{NAME}.template.json"
    file.write_text(committed(template()), encoding="utf-8")
