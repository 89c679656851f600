"""What the application itself wrote: kept for the reader, judged by no check."""

from __future__ import annotations

import asyncio
from itertools import islice

from runbook.evidence.ebs.target import Target
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: Log tails in all: a run must not take longer for a workload of many pods.
_MOST = 6


@evidence("k8s:get pods/log")
async def application_logs(kubernetes: Kubernetes, target: Target) -> tuple[str, ...]:
    """The last lines of the containers that were started, those not ready first."""
    started = [
        (not pod.ready, pod.resource, container)
        for pod in target.pods
        for container in pod.containers
        if (container.reached and not container.waiting) or container.restarts
    ]
    started.sort(key=lambda one: (not one[0], one[1].key, one[2].name))
    texts = await asyncio.gather(
        *(
            kubernetes.log(
                pod.namespace, pod.name, container.name, previous=bool(container.waiting), tail=100
            )
            for _, pod, container in islice(started, _MOST)
        )
    )
    return tuple(text for text in texts if text)
