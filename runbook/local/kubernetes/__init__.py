"""A small, strict, read-only stand-in of a Kubernetes API server, for the demonstration and the tests.

Errors, authorisation, paging and selectors follow Kubernetes 1.34's own source, wording included. Where
it refuses what a real server would accept, it says "the embedded API" and notes it in `violations`.
"""

from __future__ import annotations

from runbook.local.kubernetes.access import Identity
from runbook.local.kubernetes.api import EmbeddedKubernetes
from runbook.local.kubernetes.faults import Fault

__all__ = ["EmbeddedKubernetes", "Fault", "Identity"]
