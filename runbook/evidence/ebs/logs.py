"""What the controller's containers wrote last, and the lines in it that tell something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runbook.evidence.ebs.driver import Controller
from runbook.evidence.objects import Pod, seen
from runbook.model import Seen
from runbook.ports.kubernetes import Kubernetes
from runbook.registry import evidence

#: Logs of so many pods are read; replicas of one Deployment fail alike.
_PODS = 1
_TAIL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The tail of one container's log, `previous` for the instance before the last restart."""

    pod: Pod
    container: str
    text: str
    previous: bool = False

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


@evidence("k8s:get pods/log")
async def controller_logs(
    kubernetes: Kubernetes, present_controller: Controller, controller_pods: tuple[Pod, ...]
) -> Seen[Log]:
    """Tails of the controller's unready containers and of ebs-plugin, the previous run's where restarted."""
    return await tails(kubernetes, worst(controller_pods)[:_PODS], always=("ebs-plugin",))


def worst(pods: Iterable[Pod]) -> tuple[Pod, ...]:
    """Those not ready first, then the youngest."""
    return tuple(sorted(pods, key=lambda p: (p.ready, -p.created.timestamp(), p.resource.key)))


async def tails(kubernetes: Kubernetes, pods: Iterable[Pod], *, always: tuple[str, ...] = ()) -> Seen[Log]:
    """Log tails of what is not ready in these pods; of healthy containers only those in `always`."""
    wanted = [
        (pod, container.name, previous)
        for pod in pods
        for container in pod.containers
        if not container.ready or container.name in always
        for previous in ((False, True) if container.restarts else (False,))
    ]
    return await seen(_tail(kubernetes, *one) for one in wanted)


async def _tail(kubernetes: Kubernetes, pod: Pod, container: str, previous: bool) -> Log:
    text = await kubernetes.log(
        pod.resource.namespace, pod.resource.name, container, previous=previous, tail=_TAIL
    )
    return Log(pod=pod, container=container, text=text or "", previous=previous)
