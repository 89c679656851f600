"""Parameters that need each other."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import command
from runbook.model import Fix, Parameters, Problem, Resource
from runbook.registry import check


@check(
    severity="high",
    kind="obstacle",
    about="Parameter",
    docs="https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
)
def parameters_agree(parameters: Parameters) -> Iterator[Problem]:
    """What was asked about is named in full.

    A pod's name, or a workload's, is unique in its namespace only.
    """
    pod = parameters.get("ApplicationPodName", "")
    if pod and not parameters.get("ApplicationNamespace"):
        yield Problem(
            resource=Resource(kind="Parameter", name="ApplicationNamespace"),
            summary=f"ApplicationPodName ({pod}) was given without ApplicationNamespace, and a name is "
            "unique in its namespace only",
            fix=(Fix(text="Find the namespace, and name it as well", command=_find(pod)),),
        )


def _find(pod: str) -> str:
    kind, _, name = pod.rpartition("/")
    if "=" in pod:
        return command("kubectl", "get", "pods", "--all-namespaces", "--selector", pod)
    return command(
        "kubectl", "get", f"{kind or 'pod'}s", "--all-namespaces", "--field-selector", f"metadata.name={name}"
    )
