"""The last steps of a remedy, for controller kube-system/ebs-csi-controller and claim shop/data-orders-0."""

from __future__ import annotations

from runbook.evidence.ebs.aftercare import Aftercare
from runbook.model import Problem, Resource

RESTART = "kubectl -n kube-system rollout restart deployment ebs-csi-controller"
VERIFY = "kubectl -n shop get pvc data-orders-0"


def aftercare() -> Aftercare:
    """What follows a remedy."""
    return Aftercare(
        controller=Resource(kind="Deployment", namespace="kube-system", name="ebs-csi-controller"),
        claim=Resource(kind="PersistentVolumeClaim", namespace="shop", name="data-orders-0"),
    )


def commands(problem: Problem) -> list[str]:
    """The commands of a problem's remedy, in order."""
    return [step.command for step in problem.fix if step.command]
