"""The API server's own word about itself."""

from __future__ import annotations

from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence


@evidence("k8s:get /version")
async def kubernetes_version(kubernetes: Kubernetes) -> str:
    """`1.34`, as /version tells it; empty where the server gives none."""
    body = await kubernetes.version() or {}
    return ".".join(filter(None, (body.get("major", ""), body.get("minor", "").rstrip("+"))))
