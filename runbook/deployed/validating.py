"""The first step: what AWS alone can tell, before anything is deployed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from runbook.deployed.asking import Step
from runbook.deployed.execution import NONE
from runbook.engine import Engine
from runbook.registry import load
from runbook.run import VALIDATION, stops
from runbook.telling import tally

#: A stack that is still there after this time belongs to no run: the longest takes less than an hour.
_LIFETIME = timedelta(hours=2)


async def validate(step: Step) -> dict[str, Any]:
    """The step's outputs: whether to go on, and what the proxy's stack is made with."""
    registry = load()
    engine = step.engine(with_cluster=False)
    try:
        findings = await engine.judge(registry.family(VALIDATION))
        network = await _network(engine)
    finally:
        part = step.keep()
    return {
        "proceed": network is not None and not stops(registry, findings),
        "summary": tally(findings),
        "part": part,
        "expires": (datetime.now(UTC) + _LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **(network or dict.fromkeys(("endpoint", "authority", "subnets", "securityGroup"), NONE)),
    }


async def _network(engine: Engine) -> dict[str, str] | None:
    """Where the API server is and where the function is attached; None where AWS does not tell."""
    cluster, network = await engine.known("cluster"), await engine.known("proxy_network")
    if cluster is None or network is None or not cluster.endpoint:
        return None
    return {
        "endpoint": cluster.endpoint,
        "authority": cluster.authority,
        "subnets": ",".join(network.subnets) or NONE,
        "securityGroup": network.security_group if network.subnets else NONE,
    }
