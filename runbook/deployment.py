"""Names on which the deployed parts agree: documents, steps, stacks and the sweeper."""

from __future__ import annotations

PREFIX = "eks-runbook"

#: The stack that stays, and all that it deploys.
STACK = "EksRunbooks"

#: The document that removes what runs could not remove.
SWEEPER = "SweepEksRunbookStacks"

#: The one log group of all proxy functions; a group per run would stay behind.
PROXY_LOG_GROUP = f"/aws/lambda/{PREFIX}-proxy"

#: Tags of a run's stack, and through it of its function.
EXECUTION_TAG = f"{PREFIX}:execution"
CLUSTER_TAG = f"{PREFIX}:cluster"
EXPIRES_TAG = f"{PREFIX}:expires"


def proxy_stack(execution: str) -> str:
    """The name of an execution's stack, and of the function in it."""
    return f"{PREFIX}-{execution}"


def role_name(purpose: str, region: str) -> str:
    """The name of a role: fixed, so that access entries outlive a new deployment."""
    return f"{PREFIX}-{purpose}-{region}"


def is_ours(arn: str) -> bool:
    """Whether a role, or something else with an ARN or a name, came with a deployment."""
    return arn.rpartition("/")[2].startswith(f"{PREFIX}-")


def bucket_name(account: str, region: str) -> str:
    """The name of the bucket for reports."""
    return f"{PREFIX}-reports-{account}-{region}"


def run_prefix(document: str, execution: str) -> str:
    """Where in the report bucket a run keeps everything; ends with a slash."""
    return f"{document}/{execution}/"
