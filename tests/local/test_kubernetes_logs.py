"""The embedded Kubernetes API: container logs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.kubernetes_api import Manifest, Reply, ask, embedded, manifests, node, pod

LOG = "/api/v1/namespaces/shop/pods/web-0/log"
RUNNING = {"running": {"startedAt": "2026-11-20T10:00:00Z"}}
ENDED = {"terminated": {"exitCode": 1, "startedAt": "2026-11-20T09:00:00Z"}}
LOGS = {
    ("shop", "web-0", "app", False): "one\ntwo\nthree\n",
    ("shop", "web-0", "app", True): "before\n",
    ("shop", "web-0", "init", False): "ready\n",
}


def web(state: Manifest, last: Manifest | None = None, **spec: Any) -> Manifest:
    """The pod web-0 whose container `app` is in this state."""
    found = pod("web-0", containerStatuses=[{"name": "app", "state": state, "lastState": last or {}}])
    return {**found, "spec": {**found["spec"], **spec}}


def log(manifest: Manifest, query: str = "") -> Reply:
    """The answer for the pod's log."""
    with embedded(manifests(node("n1"), manifest), logs=LOGS) as api:
        return ask(api, f"{LOG}?{query}")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "one\ntwo\nthree\n"),
        ("container=app", "one\ntwo\nthree\n"),
        ("tailLines=2", "two\nthree\n"),
        ("tailLines=9", "one\ntwo\nthree\n"),
        ("tailLines=0", ""),
        ("limitBytes=5", "one\nt"),
        ("tailLines=1&limitBytes=3", "thr"),
        ("sinceSeconds=60", "one\ntwo\nthree\n"),
        ("tailLines=1&timestamps=true", "2026-11-20T10:00:00Z three\n"),
        ("previous=false", "one\ntwo\nthree\n"),
        ("previous=true", "before\n"),
        ("previous=1&timestamps=1", "2026-11-20T09:00:00Z before\n"),
    ],
)
def test_a_log_is_plain_text_cut_as_asked(query: str, expected: str) -> None:
    reply = log(web(RUNNING, ENDED), query)
    assert (reply.code, reply.headers["Content-Type"], reply.text) == (200, "text/plain", expected)


@pytest.mark.parametrize(
    ("state", "last"), [(ENDED, {}), ({"waiting": {"reason": "CrashLoopBackOff"}}, ENDED)]
)
def test_a_container_that_ended_still_has_its_log(state: Manifest, last: Manifest) -> None:
    assert log(web(state, last)).text == "one\ntwo\nthree\n"


def test_a_log_that_nobody_wrote_is_empty() -> None:
    with embedded(manifests(node("n1"), web(RUNNING))) as api:
        reply = ask(api, LOG)
    assert (reply.code, reply.text) == (200, "")


@pytest.mark.parametrize(
    ("state", "query", "message"),
    [
        (
            {"waiting": {"reason": "ContainerCreating"}},
            "",
            'container "app" in pod "web-0" is waiting to start: ContainerCreating',
        ),
        (
            {"waiting": {"reason": "ImagePullBackOff"}},
            "",
            'container "app" in pod "web-0" is waiting to start: trying and failing to pull image',
        ),
        (
            {"waiting": {"reason": "ErrImagePull"}},
            "",
            'container "app" in pod "web-0" is waiting to start: image can\'t be pulled',
        ),
        ({}, "", 'container "app" in pod "web-0" is waiting to start - no logs yet'),
        (RUNNING, "previous=true", 'previous terminated container "app" in pod "web-0" not found'),
        (RUNNING, "container=x", "container x is not valid for pod web-0"),
        (RUNNING, "tailLines=x", 'strconv.ParseInt: parsing "x": invalid syntax'),
    ],
)
def test_a_log_that_cannot_be_had_is_refused_in_the_words_of_the_kubelet(
    state: Manifest, query: str, message: str
) -> None:
    assert log(web(state), query).refusal == (400, "BadRequest", message)


def test_of_several_containers_one_must_be_named() -> None:
    containers = [{"name": "app"}, {"name": "proxy"}]
    manifest = web(RUNNING, containers=containers, initContainers=[{"name": "init"}])
    message = "a container name must be specified for pod web-0, choose one of: [init app proxy]"
    assert log(manifest).refusal == (400, "BadRequest", message)
    assert log(manifest, "container=app").text == "one\ntwo\nthree\n"
    message = 'container "proxy" in pod "web-0" is not available'
    assert log(manifest, "container=proxy").refusal == (400, "BadRequest", message)


def test_an_init_container_has_a_log_too_but_is_never_meant_by_default() -> None:
    manifest = web(RUNNING, initContainers=[{"name": "init"}])
    manifest["status"]["initContainerStatuses"] = [{"name": "init", "state": ENDED}]
    assert log(manifest, "container=init").text == "ready\n"
    assert log(manifest).text == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ("limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0"),
    ],
)
def test_a_number_out_of_range_is_invalid(query: str, message: str) -> None:
    refusal = (422, "Invalid", f'PodLogOptions "web-0" is invalid: {message}')
    assert log(web(RUNNING), query).refusal == refusal


def test_a_pod_without_a_node_has_no_content() -> None:
    reply = log(web({}, nodeName=None))
    assert (reply.code, reply.body) == (204, b"")
    assert "Content-Type" not in reply.headers


def test_a_pod_on_a_node_that_is_gone_has_no_log() -> None:
    # The API server's own words: it names the node, and calls it a pod.
    assert log(web(RUNNING, nodeName="n2")).refusal == (404, "NotFound", 'pods "n2" not found')


def test_a_pod_that_is_not_there_has_no_log() -> None:
    with embedded() as api:
        assert ask(api, LOG).refusal == (404, "NotFound", 'pods "web-0" not found')
