"""Container logs, refused in the words of the API server and the kubelet.

Source: kubernetes/pkg/registry/core/pod/strategy.go (LogLocation) and
pkg/kubelet/kubelet_pods.go (validateContainerLogStatus)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runbook.local.kubernetes.answers import (
    Answer,
    Manifest,
    bad_request,
    invalid_option,
    not_found,
)
from runbook.local.kubernetes.collection import CREATED, Objects, whole_number

Logs = Mapping[tuple[str, str, str, bool], str]
PULL = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}


def container_log(pod: Manifest, objects: Objects, logs: Logs, query: Mapping[str, str]) -> Answer:
    """The log asked for; raises Refusal. Lines carry no time of their own: sinceSeconds takes them all."""
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    tail, most, _ = (_number(query, option, name) for option in ("tailLines", "limitBytes", "sinceSeconds"))
    container = _container(pod, query.get("container", ""))
    node = pod.get("spec", {}).get("nodeName")
    if not node:
        return Answer(code=204, content_type="")
    if ("Node", "", node) not in objects:
        # The API server words a node that is gone as if it were a pod.
        raise not_found("pods", "", node)
    previous = _truth(query, "previous")
    started = _started(pod, container, previous)
    lines = logs.get((namespace, name, container, previous), "").splitlines(keepends=True)
    if tail is not None:
        lines = lines[len(lines) - min(tail, len(lines)) :]
    if _truth(query, "timestamps"):
        lines = [f"{started} {line}" for line in lines]
    return Answer(content_type="text/plain", body="".join(lines).encode()[:most])


def _number(query: Mapping[str, str], option: str, pod: str) -> int | None:
    value = whole_number(query, option)
    least = 0 if option == "tailLines" else 1
    if value is not None and value < least:
        why = "must be greater than 0" if least else "must be greater than or equal to 0"
        raise invalid_option("PodLogOptions", pod, option, value, why)
    return value


def _truth(query: Mapping[str, str], option: str) -> bool:
    return query.get(option, "false").lower() not in ("false", "0")


def _container(pod: Manifest, asked: str) -> str:
    name, containers = pod["metadata"]["name"], pod.get("spec", {}).get("containers") or []
    known = [container["name"] for container in _all_containers(pod)]
    if asked and asked not in known:
        raise bad_request(f"container {asked} is not valid for pod {name}")
    if asked:
        return asked
    if len(containers) == 1:
        return str(containers[0]["name"])
    choice = f", choose one of: [{' '.join(known)}]" if containers else ""
    raise bad_request(f"a container name must be specified for pod {name}{choice}")


def _all_containers(pod: Manifest) -> Iterator[Manifest]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from pod.get("spec", {}).get(field) or []


def _started(pod: Manifest, container: str, previous: bool) -> str:
    """When the run whose log is asked for began; raises Refusal (400) when there is none."""
    where = f'container "{container}" in pod "{pod["metadata"]["name"]}"'
    found = _container_status(pod, container)
    if found is None:
        raise bad_request(f"{where} is not available")
    state, last = found.get("state") or {}, (found.get("lastState") or {}).get("terminated")
    if previous and last is None:
        raise bad_request(f"previous terminated {where} not found")
    runs = [last] if previous else [state.get("running"), state.get("terminated"), last]
    run = next((found for found in runs if found is not None), None)
    if run is not None:
        return str(run.get("startedAt") or CREATED)
    if "waiting" not in state:
        raise bad_request(f"{where} is waiting to start - no logs yet")
    reason = state["waiting"].get("reason", "")
    raise bad_request(f"{where} is waiting to start: {PULL.get(reason, reason)}")


def _container_status(pod: Manifest, container: str) -> Manifest | None:
    for field in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for found in pod.get("status", {}).get(field) or []:
            if found["name"] == container:
                return dict(found)
    return None
