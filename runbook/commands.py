"""Commands for a fix: quoted for a shell, so that a name from a cluster cannot become one."""

from __future__ import annotations

import json
import shlex
from typing import Any

from runbook.model import Resource


def command(*words: str) -> str:
    """The words as one line for a POSIX shell."""
    return shlex.join(words)


def kubectl(resource: Resource, *words: str) -> str:
    """`kubectl -n NAMESPACE …` for something in the resource's namespace."""
    return command("kubectl", *(("-n", resource.namespace) if resource.namespace else ()), *words)


def aws(region: str, service: str, operation: str, *words: str) -> str:
    """`aws SERVICE OPERATION --region REGION …`; without Region for IAM, or where it is not known."""
    return command("aws", service, operation, *(("--region", region) if region else ()), *words)


def document(policy: Any) -> str:
    """A policy on one line, as `--policy-document` takes it."""
    return json.dumps(policy)


def policy(statement: Any) -> str:
    """A policy of one statement, as `--policy-document` takes it."""
    return document({"Version": "2012-10-17", "Statement": [statement]})


def apply(manifest: dict[str, Any]) -> str:
    """A manifest handed to `kubectl apply` on one line, which pastes anywhere."""
    return f"printf %s {shlex.quote(json.dumps(manifest))} | kubectl apply -f -"
