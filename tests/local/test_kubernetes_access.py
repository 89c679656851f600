"""The embedded Kubernetes API: who may read what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.kubernetes_api import Manifest, ask, embedded, manifests, node, pod

OBJECTS = manifests(node("n1"), pod("web-0"), pod("web-0", "other"))
PODS = "/api/v1/namespaces/shop/pods"
USER = 'User "arn:aws:sts::111122223333:assumed-role/r/s"'
GROUP = {"kind": "Group", "name": "eks-runbook-readers"}


def role(*rules: dict[str, list[str]], namespace: str = "") -> Manifest:
    """The (Cluster)Role `reader` with these rules."""
    metadata = {"name": "reader", **({"namespace": namespace} if namespace else {})}
    return {"kind": "Role" if namespace else "ClusterRole", "metadata": metadata, "rules": list(rules)}


def binding(
    subject: dict[str, str] = GROUP, *, namespace: str = "", kind: str = "ClusterRole", name: str = "reader"
) -> Manifest:
    """A (Cluster)RoleBinding of the role to the subject."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": metadata,
        "subjects": [subject],
        "roleRef": {"kind": kind, "name": name},
    }


def rule(*resources: str, group: str = "", verbs: tuple[str, ...] = ("get", "list"), **more: Any) -> Manifest:
    """One rule of a role."""
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs), **more}


def codes(access: list[Manifest], *paths: str) -> list[int]:
    """What the reader is answered."""
    with embedded(OBJECTS, access=access) as api:
        return [ask(api, path, token="reader").code for path in paths]


@pytest.mark.parametrize("token", ["wrong", "", None])
def test_without_a_known_token_nothing_is_read(token: str | None) -> None:
    with embedded(OBJECTS) as api:
        for path in (PODS, "/version", "/metrics", "/api"):
            reply = ask(api, path, token=token)
            assert reply.refusal == (401, "Unauthorized", "Unauthorized")
            assert "details" not in reply.json


def test_health_is_told_to_requests_without_a_token_but_not_to_wrong_ones() -> None:
    with embedded() as api:
        assert [ask(api, path, token=None).code for path in ("/livez", "/readyz", "/healthz")] == [200] * 3
        assert ask(api, "/livez", token="wrong").code == 401


def test_whoever_is_known_may_read_versions_groups_and_health_only() -> None:
    allowed = ("/version", "/livez", "/readyz", "/healthz", "/api", "/apis", "/api/v1", "/apis/apps/v1")
    assert codes([], *allowed) == [200] * len(allowed)
    assert codes([], "/metrics", "/", "/logs", PODS) == [403] * 4


IN_SHOP = 'in the namespace "shop"'
IN_CLUSTER = "at the cluster scope"


@pytest.mark.parametrize(
    ("path", "subject", "attempt", "details"),
    [
        (PODS, "pods is", f'list resource "pods" in API group "" {IN_SHOP}', {"kind": "pods"}),
        (
            "/api/v1/pods?watch=1",
            "pods is",
            f'watch resource "pods" in API group "" {IN_CLUSTER}',
            {"kind": "pods"},
        ),
        (
            "/api/v1/watch/pods",
            "pods is",
            f'watch resource "pods" in API group "" {IN_CLUSTER}',
            {"kind": "pods"},
        ),
        (
            f"{PODS}/web-0/log",
            'pods "web-0" is',
            f'get resource "pods/log" in API group "" {IN_SHOP}',
            {"name": "web-0", "kind": "pods"},
        ),
        (
            "/api/v1/namespaces/shop",
            'namespaces "shop" is',
            f'get resource "namespaces" in API group "" {IN_SHOP}',
            {"name": "shop", "kind": "namespaces"},
        ),
        (
            "/apis/storage.k8s.io/v1/storageclasses/gp3",
            'storageclasses.storage.k8s.io "gp3" is',
            f'get resource "storageclasses" in API group "storage.k8s.io" {IN_CLUSTER}',
            {"name": "gp3", "group": "storage.k8s.io", "kind": "storageclasses"},
        ),
        (
            "/api/v1/nodes?fieldSelector=metadata.name%3Dn1",
            'nodes "n1" is',
            f'list resource "nodes" in API group "" {IN_CLUSTER}',
            {"name": "n1", "kind": "nodes"},
        ),
        (
            "/api/v1/namespaces/shop/secrets/s",
            'secrets "s" is',
            f'get resource "secrets" in API group "" {IN_SHOP}',
            {"name": "s", "kind": "secrets"},
        ),
        (
            "/api/v1/nodes/n1/proxy/metrics",
            'nodes "n1" is',
            f'get resource "nodes/proxy" in API group "" {IN_CLUSTER}',
            {"name": "n1", "kind": "nodes"},
        ),
        (
            "/apis/snapshot.storage.k8s.io/v1/volumesnapshots",
            "volumesnapshots.snapshot.storage.k8s.io is",
            f'list resource "volumesnapshots" in API group "snapshot.storage.k8s.io" {IN_CLUSTER}',
            {"group": "snapshot.storage.k8s.io", "kind": "volumesnapshots"},
        ),
    ],
)
def test_a_refusal_has_the_words_of_the_api_server(
    path: str, subject: str, attempt: str, details: dict[str, str]
) -> None:
    with embedded(OBJECTS) as api:
        reply = ask(api, path, token="reader")
    assert reply.refusal == (403, "Forbidden", f"{subject} forbidden: {USER} cannot {attempt}")
    assert reply.json["details"] == details


def test_a_path_that_is_no_resource_is_refused_by_its_path() -> None:
    with embedded() as api:
        reply = ask(api, "/metrics", token="reader")
    assert reply.refusal == (403, "Forbidden", f'forbidden: {USER} cannot get path "/metrics"')
    assert reply.json["details"] == {}


def test_a_cluster_role_bound_in_the_cluster_holds_everywhere() -> None:
    access = [role(rule("pods")), binding()]
    assert codes(access, PODS, "/api/v1/pods", f"{PODS}/web-0", f"{PODS}/web-0/log", "/api/v1/nodes") == [
        200,
        200,
        200,
        403,
        403,
    ]


@pytest.mark.parametrize("kind", ["Role", "ClusterRole"])
def test_a_role_bound_in_a_namespace_holds_there(kind: str) -> None:
    rules = role(rule("pods", "nodes"), namespace="shop" if kind == "Role" else "")
    access = [rules, binding(namespace="shop", kind=kind)]
    paths = (PODS, "/api/v1/namespaces/other/pods", "/api/v1/pods", "/api/v1/nodes")
    assert codes(access, *paths) == [200, 403, 403, 403]


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        (rule("pods/log"), [403, 200]),
        (rule("*/log"), [403, 200]),
        (rule("pods/*"), [403, 403]),
        (rule("*"), [200, 200]),
        (rule("pods", "pods/log", verbs=("*",)), [200, 200]),
        (rule("pods", "pods/log", verbs=("list",)), [403, 403]),
        (rule("pods", "pods/log", group="*"), [200, 200]),
        (rule("pods", "pods/log", group="apps"), [403, 403]),
        (rule("pods", "pods/log", resourceNames=["web-0"]), [200, 200]),
        (rule("pods", "pods/log", resourceNames=["web-1"]), [403, 403]),
        ({"nonResourceURLs": ["*"], "verbs": ["*"]}, [403, 403]),
    ],
)
def test_a_rule_grants_what_it_says(granted: Manifest, expected: list[int]) -> None:
    running = pod("web-0", containerStatuses=[{"name": "app", "state": {"running": {}}}])
    objects = manifests(node("n1"), running)
    with embedded(objects, access=[role(granted), binding()]) as api:
        replies = [ask(api, path, token="reader").code for path in (f"{PODS}/web-0", f"{PODS}/web-0/log")]
    assert replies == expected


def test_a_named_resource_is_listed_only_by_that_name() -> None:
    access = [role(rule("nodes", resourceNames=["n1"])), binding()]
    paths = (
        "/api/v1/nodes",
        *(f"/api/v1/nodes?fieldSelector=metadata.name%3D{name}" for name in ("n1", "n2")),
    )
    assert codes(access, *paths) == [403, 200, 403]


@pytest.mark.parametrize(
    ("url", "expected"),
    [("/metrics", [200, 403]), ("/metrics*", [200, 404]), ("*", [200, 404]), ("/metrics/", [403, 403])],
)
def test_paths_that_are_no_resources_are_granted_by_url(url: str, expected: list[int]) -> None:
    access = [role({"nonResourceURLs": [url], "verbs": ["get"]}), binding()]
    assert codes(access, "/metrics", "/metrics/slis") == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"kind": "User", "name": "arn:aws:sts::111122223333:assumed-role/r/s"}, 200),
        ({"kind": "User", "name": "eks-runbook-readers"}, 403),
        ({"kind": "Group", "name": "system:authenticated"}, 200),
        ({"kind": "Group", "name": "others"}, 403),
        ({"kind": "ServiceAccount", "name": "r", "namespace": "shop"}, 403),
    ],
)
def test_a_binding_is_for_its_subjects(subject: dict[str, str], expected: int) -> None:
    assert codes([role(rule("pods")), binding(subject)], PODS) == [expected]


def test_what_may_be_read_but_is_not_there_is_not_found() -> None:
    access = [role(rule("secrets", "pods")), binding()]
    assert codes(access, "/api/v1/namespaces/shop/secrets/s", f"{PODS}/none") == [404, 404]


def test_a_binding_to_a_role_that_is_missing_is_named() -> None:
    with embedded(access=[binding(name="gone"), binding(name="lost")]) as api:
        code, _, message = ask(api, "/metrics", token="reader").refusal
    missing = [f'clusterrole.rbac.authorization.k8s.io "{name}" not found' for name in ("gone", "lost")]
    assert (code, message) == (
        403,
        f'forbidden: {USER} cannot get path "/metrics": RBAC: [{", ".join(missing)}]',
    )


def test_access_takes_rbac_manifests_only() -> None:
    with pytest.raises(
        ValueError, match=r"^access: Pod web-0 is none of ClusterRole, ClusterRoleBinding, Role"
    ):
        embedded(access=[pod("web-0")])
