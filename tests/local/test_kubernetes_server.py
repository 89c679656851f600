"""The embedded Kubernetes API as a server: what it alone refuses, faults on demand, start and end."""

from __future__ import annotations

import http.client
import stat
import time
from pathlib import Path
from typing import Any

import kubernetes.client
import kubernetes.config
import pytest

from runbook.local.kubernetes import Fault
from runbook.local.kubernetes.faults import TOO_OLD
from tests.local.kubernetes_api import ask, connection, embedded, manifests, node, pod

OBJECTS = manifests(node("n1"), pod("web-0"), pod("web-1"))
PODS = "/api/v1/namespaces/shop/pods"


@pytest.mark.parametrize(
    ("method", "path", "headers", "code", "message"),
    [
        ("POST", PODS, {}, 405, "the embedded API is read-only: POST"),
        ("DELETE", f"{PODS}/web-0", {}, 405, "the embedded API is read-only: DELETE"),
        ("BREW", PODS, {}, 405, "the embedded API is read-only: BREW"),
        ("GET", f"{PODS}?watch=true", {}, 400, "the embedded API does not serve watches"),
        ("GET", f"{PODS}?pretty=1", {}, 400, "the embedded API does not know the query key 'pretty' here"),
        (
            "GET",
            f"{PODS}/web-0?limit=1",
            {},
            400,
            "the embedded API does not know the query key 'limit' here",
        ),
        ("GET", f"{PODS}?limit=1&limit=2", {}, 400, "the embedded API takes the query key 'limit' only once"),
        ("GET", f"{PODS}/", {}, 400, "the embedded API takes paths in their canonical form only"),
        ("GET", "//api/v1/nodes", {}, 400, "the embedded API takes paths in their canonical form only"),
        ("GET", f"{PODS}/%2e%2e", {}, 400, "the embedded API takes paths in their canonical form only"),
        (
            "GET",
            f"{PODS}/web-0/exec",
            {"Upgrade": "websocket"},
            400,
            "the embedded API does not upgrade to websocket",
        ),
    ],
)
def test_what_only_the_embedded_api_refuses_is_named_as_such_and_noted(
    method: str, path: str, headers: dict[str, str], code: int, message: str
) -> None:
    with embedded(OBJECTS) as api:
        reply = ask(api, path, method=method, headers=headers)
        assert reply.refusal == (code, "MethodNotAllowed" if code == 405 else "BadRequest", message)
        assert [(method, why) for method, _, why in api.violations] == [(method, message)]


def test_requests_are_kept_and_a_connection_serves_many_of_them() -> None:
    with embedded(OBJECTS) as api, connection(api) as opened:
        for path in ("/livez", f"{PODS}?limit=1&labelSelector=a%3Db", "/livez"):
            opened.request("GET", path, headers={"Authorization": "Bearer admin"})
            assert opened.getresponse().read()
            assert opened.sock is not None
        assert api.requests == [
            ("GET", "/livez", {}),
            ("GET", PODS, {"limit": "1", "labelSelector": "a=b"}),
            ("GET", "/livez", {}),
        ]
        assert api.violations == []


def test_a_change_of_the_objects_shows_at_once() -> None:
    objects = manifests(pod("web-0"))
    with embedded(objects) as api:
        objects.update(manifests(pod("web-1")))
        assert ask(api, PODS).names == ["shop/web-0", "shop/web-1"]


@pytest.mark.parametrize(
    ("fault", "code", "reason", "message"),
    [
        (Fault(404), 404, "NotFound", "Not Found"),
        (Fault(401), 401, "Unauthorized", "Unauthorized"),
        (Fault(500), 500, "InternalError", "Internal error occurred: etcdserver: request timed out"),
        (Fault(503, message="not ready"), 503, "ServiceUnavailable", "not ready"),
        (
            Fault(410),
            410,
            "Expired",
            TOO_OLD,
        ),
    ],
)
def test_a_fault_answers_for_its_paths_only(fault: Fault, code: int, reason: str, message: str) -> None:
    with embedded(OBJECTS) as api:
        api.faults[PODS] = fault
        assert [ask(api, f"{PODS}/web-0").refusal for _ in range(2)] == [(code, reason, message)] * 2
        assert ask(api, "/api/v1/nodes").code == 200


def test_a_fault_ends_after_its_times() -> None:
    with embedded(OBJECTS) as api:
        api.faults[PODS] = Fault(429, times=2)
        replies = [ask(api, PODS) for _ in range(3)]
    assert [reply.code for reply in replies] == [429, 429, 200]
    assert replies[0].text == "Too many requests, please try again later.\n"
    assert replies[0].headers["Retry-After"] == "1"


def test_a_fault_can_close_hang_redirect_or_answer_plain_text() -> None:
    with embedded(OBJECTS) as api:
        api.faults |= {
            "/livez": Fault("close"),
            "/readyz": Fault(500, body="[-]etcd failed: reason withheld\n"),
            "/version": Fault(302, location="https://elsewhere.example/"),
            "/metrics": Fault("timeout"),
        }
        with pytest.raises(http.client.RemoteDisconnected):
            ask(api, "/livez")
        assert (ask(api, "/readyz").code, ask(api, "/readyz").text) == (
            500,
            "[-]etcd failed: reason withheld\n",
        )
        redirect = ask(api, "/version")
        assert (redirect.code, redirect.headers["Location"]) == (302, "https://elsewhere.example/")
        with pytest.raises(TimeoutError):
            ask(api, "/metrics", timeout=0.1)


def test_the_end_comes_at_once_though_a_client_still_holds_a_connection() -> None:
    with embedded(OBJECTS) as api, connection(api) as opened:
        opened.request("GET", "/livez")
        assert opened.getresponse().read() == b"ok"
        api.faults["/metrics"] = Fault("timeout")
        opened.request("GET", "/metrics")
        began = time.monotonic()
        api.__exit__(None, None, None)
        assert time.monotonic() - began < 1


def test_the_first_answer_and_thousands_of_pods_come_quickly() -> None:
    objects = manifests(*(pod(f"web-{number}") for number in range(3_000)))
    began = time.monotonic()
    with embedded(objects) as api:
        assert ask(api, "/livez", token=None).text == "ok"
        # Seconds, on a machine that others use too: some 0.03 and 0.1 when it is quiet.
        assert time.monotonic() - began < 1
        assert len(ask(api, "/api/v1/pods").names) == 3_000
        assert time.monotonic() - began < 5


def test_the_official_client_reads_with_the_kubeconfig(tmp_path: Path) -> None:
    with embedded(OBJECTS) as api:
        path = api.kubeconfig(tmp_path, "admin")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        config: Any = kubernetes.config  # typed only in part
        with config.new_client_from_config(str(path)) as client:
            listed: Any = kubernetes.client.CoreV1Api(client).list_pod_for_all_namespaces(limit=1)
    assert [(item.metadata.namespace, item.metadata.name) for item in listed.items] == [("shop", "web-0")]
    assert listed.metadata.remaining_item_count == 1
