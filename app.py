"""The CDK app as cdk.json names it: `make deploy` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

from stacks.app import make_app
from stacks.settings import BadSetting


def main() -> int:
    """Write the stack for the cdk command line, and the files that it uploads."""
    try:
        app = make_app(Path(__file__).parent / ".cache" / "code", download=True)
    except BadSetting as bad:
        print(f"cdk.json, context: {bad}", file=sys.stderr)
        return 1
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
