"""`python -m stacks` writes the template that the embedded account is set up from."""

from __future__ import annotations

from pathlib import Path

from runbook.deployment import STACK
from stacks.app import committed, template

if __name__ == "__main__":
    file = Path(__file__).parents[1] / "runbook" / "local" / f"{STACK}.template.json"
    file.write_text(committed(template()), encoding="utf-8")
