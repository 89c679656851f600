"""SSM Automation on this machine: documents checked, run and recorded as AWS does it."""

import runbook.local.aws  # noqa: F401  # each needs the other; so it works whichever is imported first
