"""What the controller's containers wrote last, and the lines in it that tell something."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from runbook.evidence.ebs.driver import Controller
from runbook.evidence.objects import seen
from runbook.evidence.pods import Pod
from runbook.model import Excerpt, Seen
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: What the driver writes when its probe fails, which asks EC2 since v1.49.
HEALTH_CHECK = "Failed health check (verify network connection and IAM credentials)"
#: What it writes when it gives up for want of metadata.
NO_METADATA = (
    "Failed to initialize metadata when it is required",
    "all specified --metadata-sources",
    "Could not determine region from any metadata service",  # older drivers, before they panic
)
#: What it writes of one source of metadata; it may go on with the next.
NO_METADATA_SOURCE = (
    "Retrieving IMDS metadata failed",
    "could not get IMDS metadata",
    "CSI_NODE_NAME env var not set",
    "node providerID empty, cannot parse",
    "did not find aws instance ID in node providerID string",
)
#: Logs of so many pods are read; replicas of one Deployment fail alike.
_PODS = 1
_TAIL = 200
_KLOG = re.compile(r"[IWEF](0[1-9]|1[0-2])([0-3]\d) (\d\d:\d\d:\d\d)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The tail of one container's log, `previous` for the instance before the last restart."""

    pod: Pod
    container: str
    text: str
    previous: bool = False
    read: datetime | None = None

    @property
    def call(self) -> str:
        """As a report names the source of a quotation."""
        before = ", previous run" if self.previous else ""
        return f"log of {self.pod.resource.path}, container {self.container}{before}"

    @property
    def down(self) -> bool:
        """Whether the container is not ready now; what one that is wrote of earlier trouble is over."""
        return any(c.name == self.container and not c.ready for c in self.pod.containers)

    def last(self, *wordings: str) -> str:
        """The last line that holds one of the wordings, empty without any."""
        lines = (line for line in reversed(self.text.splitlines()) if any(w in line for w in wordings))
        return next(lines, "")

    def quote(self, line: str, excerpt: str = "") -> Excerpt:
        """A line, or what matters of it, with the time that klog put before it."""
        return Excerpt(call=self.call, excerpt=excerpt or line, at=self._time(line))

    def _time(self, line: str) -> str:
        """Klog writes month, day and time in UTC, and leaves out the year: the last such moment is meant."""
        found = _KLOG.match(line)
        if not found or self.read is None:
            return ""
        for year in (self.read.year, self.read.year - 1):
            written = f"{year}-{found[1]}-{found[2]}T{found[3]}Z"
            with contextlib.suppress(ValueError):  # the 31st of February
                if datetime.fromisoformat(written) <= self.read + timedelta(days=1):
                    return written
        return ""


@evidence("k8s:get pods/log")
async def controller_logs(
    kubernetes: Kubernetes, present_controller: Controller, controller_pods: tuple[Pod, ...], now: datetime
) -> Seen[Log]:
    """Tails of the controller's unready containers and of ebs-plugin, the previous run's where restarted."""
    staying = worst(pod for pod in controller_pods if not pod.terminating)
    return await tails(kubernetes, staying[:_PODS], now, always=("ebs-plugin",))


def worst(pods: Iterable[Pod]) -> tuple[Pod, ...]:
    """Those not ready first, then the youngest."""
    return tuple(sorted(pods, key=lambda p: (p.ready, -p.created.timestamp(), p.resource.key)))


async def tails(
    kubernetes: Kubernetes, pods: Iterable[Pod], now: datetime, *, always: tuple[str, ...] = ()
) -> Seen[Log]:
    """Log tails of what is not ready in these pods; of healthy containers only those in `always`."""
    wanted = [
        (pod, container.name, previous)
        for pod in pods
        for container in pod.containers
        if not container.ready or container.name in always
        for previous in ((False, True) if container.restarts else (False,))
    ]
    return await seen(_tail(kubernetes, *one, now) for one in wanted)


async def _tail(kubernetes: Kubernetes, pod: Pod, container: str, previous: bool, now: datetime) -> Log:
    text = await kubernetes.log(
        pod.resource.namespace, pod.resource.name, container, previous=previous, tail=_TAIL
    )
    return Log(pod=pod, container=container, text=text or "", previous=previous, read=now)
