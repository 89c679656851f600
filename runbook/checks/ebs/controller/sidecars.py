"""A sidecar of the controller that does not run."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import kubectl
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.logs import Log
from runbook.evidence.pods import Container, Pod
from runbook.model import Excerpt, Fix, NotApplicable, Problem, Seen, Unavailable
from runbook.registry import check

#: What stops working with each container.
WORK = {
    "csi-provisioner": "no volume is created",
    "csi-attacher": "no volume is attached",
    "csi-resizer": "no volume is resized",
    "csi-snapshotter": "no snapshot is taken",
    "volumemodifier": "no volume is modified",
}
_TELLING = ("CSI driver probe failed", "Lost connection to CSI driver", "Still connecting", "stopped leading",
            "failed to renew lease", "Failed to list")  # fmt: skip


@check(
    severity="high",
    kind="symptom",
    about="Deployment",
    covers=["EBS-C06"],
    after=[
        "ebs.identity",
        "ebs.controller.health_check",
        "ebs.controller.metadata",
        "ebs.nodes.route_to_aws",
    ],
    docs="https://kubernetes-csi.github.io/docs/sidecar-containers.html",
)
def sidecars(
    present_controller: Controller, controller_pods: tuple[Pod, ...], controller_logs: Seen[Log] | Unavailable
) -> Iterator[Problem]:
    """Every sidecar of the controller runs.

    Each sidecar does one kind of work: without csi-provisioner no volume is created, without
    csi-attacher none is attached. When the driver itself fails they all exit with it.
    """
    if not controller_pods:
        raise NotApplicable("the controller has no pods")
    failing: dict[str, tuple[Pod, Container]] = {}
    without = [
        pod for pod in controller_pods if any(c.name == "ebs-plugin" and not c.ready for c in pod.containers)
    ]
    for pod in controller_pods:
        for container in () if pod in without else pod.containers:
            known = failing.get(container.name)
            if (
                container.name in WORK
                and container.crashing
                and (not known or known[1].restarts < container.restarts)
            ):
                failing[container.name] = (pod, container)
    for name, (pod, container) in sorted(failing.items()):
        state = container.waiting or container.exit_reason or "not ready"
        yield Problem(
            resource=present_controller.resource,
            summary=f"{name} in pod {pod.resource.path} is in {state} after {container.restarts} restarts, "
            f"so that {WORK[name]}",
            brief=WORK[name],
            evidence=_quotes(name, container, controller_logs),
            fix=(
                Fix(
                    text=f"Read what {name} wrote before it ended",
                    command=kubectl(pod.resource, "logs", pod.resource.name, "-c", name, "--previous"),
                ),
            ),
        )
    if without and not failing:
        raise NotApplicable("ebs-plugin itself does not run, and every sidecar ends with it")


def _quotes(name: str, container: Container, logs: Seen[Log] | Unavailable) -> tuple[Excerpt, ...]:
    found = [] if isinstance(logs, Unavailable) else [log for log in logs if log.container == name]
    quotes = [log.quote(line) for log in found if (line := log.last(*_TELLING))]
    if container.exit_message:
        quotes.append(Excerpt(call=f"last state of container {name}", excerpt=container.exit_message))
    return tuple(quotes)
