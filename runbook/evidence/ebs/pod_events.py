"""What the scheduler, the attach-detach controller and the kubelets said about the pods asked about."""

from __future__ import annotations

import asyncio

from runbook.evidence.ebs.asked import Asked
from runbook.evidence.events import EVENT_FIELDS, Event, event, events, latest_first
from runbook.model import Parameters, Seen, Unavailable
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: Of so many pods events are asked for one by one; replicas of one workload fail alike.
_PODS = 5


@evidence("k8s:list events")
async def pod_events(kubernetes: Kubernetes, parameters: Parameters, asked: Asked) -> Seen[Event]:
    """Events about the pods asked about, latest first."""
    pods = asked.pods
    if parameters["ApplicationPodName"] and len(pods) <= _PODS:
        found = await asyncio.gather(*(events(kubernetes, pod.resource) for pod in pods))
        return Seen(latest_first(e for some in found for e in some))
    if not pods:
        return Seen()
    listing = await kubernetes.list(
        "events",
        namespace=parameters["ApplicationNamespace"],
        where="involvedObject.kind=Pod,type=Warning",
        fields=EVENT_FIELDS,
    )
    uids = {pod.resource.uid for pod in pods}
    said = latest_first(e for e in map(event, listing) if e.about.uid in uids)
    return Seen(said, (Unavailable(listing.cut),) if listing.cut else ())
