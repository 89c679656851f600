"""What may be asked: the good questions pass, every known trick is refused before a connection is opened."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_proxy.core import Allowed, AllowList
from tests.lambda_proxy.given import ALLOW, POD, PODS, Api, failed

F = ["metadata.name"]

GOOD: list[dict[str, Any]] = [
    {"path": "/api/v1/pods", "fields": F},
    {"path": "/api/v1/namespaces", "fields": F},
    {"path": "/api/v1/namespaces/shop", "fields": F},
    {
        "path": PODS,
        "fields": F,
        "query": {"limit": "1", "labelSelector": "app in (web,db),!x", "resourceVersion": "0"},
    },
    {"path": PODS, "fields": F, "query": {"fieldSelector": "spec.nodeName=ip-10-0-1-2.ec2.internal"}},
    {"path": POD, "fields": F, "metadataOnly": True, "query": {"resourceVersion": "0"}},
    {"path": f"{POD}/log", "query": {"container": "app", "tailLines": "5", "previous": "true"}},
    {"path": f"{POD}/log", "query": {"sinceSeconds": "60", "limitBytes": "1", "timestamps": "false"}},
    {"path": "/apis/apps/v1/namespaces/shop/deployments/web", "fields": F},
    {"path": "/api/v1/namespaces/kube-system/configmaps/aws-auth", "fields": ["data"]},
    {"path": "/metrics", "lines": ["apiserver_storage_objects"], "cap": 100},
    {"path": "/version"},
    {"path": "/livez"},
    {"path": "/readyz"},
]

SLASH = "it must begin with a slash and name no scheme or host"
EMPTY = "it has an empty segment"
NOT_LISTED = "this path is not on the list"
PATHS = [
    ("", SLASH),
    ("api/v1/pods", SLASH),
    ("https://evil.example/api/v1/pods", SLASH),
    ("\\api\\v1\\pods", SLASH),
    ("@evil.example/api/v1/pods", SLASH),
    ("//evil.example/api/v1/pods", EMPTY),
    ("/", EMPTY),
    ("/api/v1/pods/", EMPTY),
    ("/api//v1/pods", EMPTY),
    ("/api/v1/namespaces//pods", EMPTY),
    ("/api/v1/./pods", "'.' is not a plain name"),
    ("/api/v1/pods/../secrets", "'..' is not a plain name"),
    ("/api/v1/namespaces/a..b/pods", "'a..b' is not a plain name"),
    ("/api/v1/namespaces/%2e%2e/pods", "'%2e%2e' is not a plain name"),
    ("/api/v1/namespaces/shop%2Fsecrets/pods", "'shop%2Fsecrets' is not a plain name"),
    ("/api/v1/namespaces/shop%252fpods", "'shop%252fpods' is not a plain name"),
    ("/api/v1/pods?watch=true", "'pods?watch=true' is not a plain name"),
    ("/api/v1/pods#x", "'pods#x' is not a plain name"),
    ("/api/v1/pods;x=1", "'pods;x=1' is not a plain name"),
    ("/api/v1\\pods", "'v1\\\\pods' is not a plain name"),
    ("/api/v1/pods\r\nX-Evil: 1", "'pods\\r\\nX-Evil: 1' is not a plain name"),
    ("/api/v1/pods\n", "'pods\\n' is not a plain name"),
    ("/api/v1/pods\x00", "'pods\\x00' is not a plain name"),
    ("/api/v1/pods ", "'pods ' is not a plain name"),
    ("/api/v1/p\u043eds", "'p\u043eds' is not a plain name"),
    ("/api/v1/pods/https:web:443", "'https:web:443' is not a plain name"),
    ("/api/v1/pods/-rf", "'-rf' is not a plain name"),
    (f"/api/v1/pods/{'a' * 254}", f"{'a' * 80!r} is not a plain name"),
    ("/api/v1" + "/a" * 600, "it is longer than 1,024 characters"),
    ("/api/v1", NOT_LISTED),
    ("/api", NOT_LISTED),
    ("/apis", NOT_LISTED),
    ("/openapi/v3", NOT_LISTED),
    ("/logs/kube-apiserver.log", NOT_LISTED),
    ("/healthz", NOT_LISTED),
    ("/metrics/cadvisor", NOT_LISTED),
    ("/livez/etcd", NOT_LISTED),
    (f"{POD}/log/x", NOT_LISTED),
    ("/api/v1/nodes/n1/proxy/metrics", NOT_LISTED),
    ("/api/v1/secrets", "Secrets are never read"),
    ("/api/v1/namespaces/shop/secrets/db", "Secrets are never read"),
    ("/api/v1/namespaces/shop/Secrets/db", "Secrets are never read"),
    ("/api/v1/watch/pods", "reading is not on the list for this resource"),
    ("/api/v1/proxy/nodes/n1", "the subresource 'n1' is never asked, only log of pods"),
    ("/api/v1/nodes/n1/proxy", "the subresource 'proxy' is never asked, only log of pods"),
    ("/api/v1/nodes/n1/log", "the subresource 'log' is never asked, only log of pods"),
    (f"{POD}/exec", "the subresource 'exec' is never asked, only log of pods"),
    (f"{POD}/attach", "the subresource 'attach' is never asked, only log of pods"),
    (f"{POD}/portforward", "the subresource 'portforward' is never asked, only log of pods"),
    (f"{POD}/status", "the subresource 'status' is never asked, only log of pods"),
    (
        "/api/v1/namespaces/shop/services/web/proxy",
        "the subresource 'proxy' is never asked, only log of pods",
    ),
    (
        "/apis/apps/v1/namespaces/shop/deployments/web/log",
        "the subresource 'log' is never asked, only log of pods",
    ),
    ("/api/v1/nodes/n1", "reading is not on the list for this resource"),
    ("/apis/apps/v1/deployments", "listing is not on the list for this resource"),
    ("/apis/apps/v1beta1/namespaces/shop/deployments/web", "reading is not on the list for this resource"),
    ("/apis/extensions/v1/namespaces/shop/deployments/web", "reading is not on the list for this resource"),
    ("/apis/v1/pods", NOT_LISTED),
    ("/apis/core/v1/pods", "listing is not on the list for this resource"),
    ("/api/v1/configmaps", "listing is not on the list for this resource"),
    ("/api/v1/namespaces/shop/configmaps/other", "reading is not on the list for this resource"),
    ("/api/v1/namespaces/shop/finalize", "listing is not on the list for this resource"),
]

LIST: dict[str, Any] = {"path": PODS, "fields": F}
LOG: dict[str, Any] = {"path": f"{POD}/log"}
WORDS = "is not a name (a map whose keys hold dots is named whole)"


def _refused(request: dict[str, Any], why: str) -> str:
    return f"{request['path']!r} is not allowed: {why}"


FORMS: list[tuple[Any, str]] = [
    ({}, f"the path is not allowed: {SLASH}"),
    ({"path": None}, f"the path is not allowed: {SLASH}"),
    ({"path": ["/version"]}, f"the path is not allowed: {SLASH}"),
    ("/version", "not allowed: a request is an object"),
    (None, "not allowed: a request is an object"),
    (LIST | {"headers": {"Upgrade": "websocket"}}, _refused(LIST, "a request has no 'headers'")),
    (LIST | {"host": "evil.example"}, _refused(LIST, "a request has no 'host'")),
    (LIST | {"method": "POST"}, _refused(LIST, "a request has no 'method'")),
    (LIST | {"metadataOnly": "yes"}, _refused(LIST, "metadataOnly must be true or false")),
    (LIST | {"cap": 0}, _refused(LIST, "cap must be a whole number from 1 to 100,000")),
    (LIST | {"cap": True}, _refused(LIST, "cap must be a whole number from 1 to 100,000")),
    (LIST | {"cap": "9"}, _refused(LIST, "cap must be a whole number from 1 to 100,000")),
    (LIST | {"cap": 100_001}, _refused(LIST, "cap must be a whole number from 1 to 100,000")),
    (LIST | {"fields": "spec"}, _refused(LIST, "fields must be a list of at most 200 names")),
    (LIST | {"fields": ["a"] * 201}, _refused(LIST, "fields must be a list of at most 200 names")),
    (LIST | {"fields": ["a..b"]}, _refused(LIST, f"'a..b' in fields {WORDS}")),
    (LIST | {"fields": [""]}, _refused(LIST, f"'' in fields {WORDS}")),
    (LIST | {"fields": [1]}, _refused(LIST, f"'1' in fields {WORDS}")),
    (LIST | {"fields": ["metadata.labels.a/b"]}, _refused(LIST, f"'metadata.labels.a/b' in fields {WORDS}")),
    ({"path": "/metrics", "lines": ["a b"]}, f"'/metrics' is not allowed: 'a b' in lines {WORDS}"),
    (LIST | {"query": "limit=1"}, _refused(LIST, "query must be an object")),
    *[
        (asked | {"query": {key: value}}, _refused(asked, f"the query key {key!r} cannot be used here"))
        for asked, key, value in [
            (LIST, "watch", "true"),
            (LIST, "continue", "abc"),
            (LIST, "resourceVersionMatch", "Exact"),
            (LIST, "timeoutSeconds", "1"),
            (LIST, "LIMIT", "1"),
            (LIST, "tailLines", "1"),
            (LIST, "container", "app"),
            (LIST, "previous", "true"),
            ({"path": POD, "fields": F}, "limit", "1"),
            ({"path": POD, "fields": F}, "limitBytes", "1"),
            (LOG, "follow", "true"),
            (LOG, "limit", "1"),
            (LOG, "insecureSkipTLSVerifyBackend", "true"),
            ({"path": "/metrics", "lines": ["a"]}, "limit", "1"),
            ({"path": "/livez"}, "verbose", "true"),
        ]
    ],
    *[
        (asked | {"query": {key: value}}, _refused(asked, f"{str(value)[:80]!r} is no value for {key}"))
        for asked, key, value in [
            (LIST, "limit", "0"),
            (LIST, "limit", "-1"),
            (LIST, "limit", "1&watch=true"),
            (LIST, "limit", "\u0661"),
            (LIST, "limit", 1),
            (LIST, "limit", ["1"]),
            (LIST, "limit", "9999999999"),
            (LIST, "resourceVersion", "1"),
            (LIST, "resourceVersion", ""),
            (LIST, "labelSelector", ""),
            (LIST, "labelSelector", "a\r\nb"),
            (LIST, "labelSelector", "a\x00"),
            (LIST, "fieldSelector", "a" * 2001),
            (LOG, "container", "../x"),
            (LOG, "container", "App"),
            (LOG, "previous", "1"),
            (LOG, "tailLines", "all"),
        ]
    ],
]


@pytest.mark.parametrize("request_", GOOD, ids=lambda request: request["path"])
def test_what_is_listed_passes(request_: dict[str, Any]) -> None:
    assert ALLOW.check(request_) is None


@pytest.mark.parametrize(("path", "why"), PATHS)
def test_other_paths_are_refused_without_a_call(path: str, why: str) -> None:
    api = Api()
    assert api.ask({"path": path, "fields": F}) == [
        failed(0, "NotAllowed", f"{path[:200]!r} is not allowed: {why}", 0)
    ]
    assert api.calls == []


@pytest.mark.parametrize(("request_", "message"), FORMS)
def test_other_forms_are_refused_without_a_call(request_: Any, message: str) -> None:
    api = Api()
    assert api.ask(request_) == [failed(0, "NotAllowed", message, 0)]
    assert api.calls == []


def test_an_empty_list_allows_nothing() -> None:
    for request in GOOD:
        assert AllowList().check(request) is not None


def test_a_list_cannot_allow_other_paths_than_the_four() -> None:
    allow = AllowList(paths=("/healthz", "/api/v1/pods", "/debug/pprof"))
    assert [allow.check({"path": path}) for path in allow.paths] == [
        "'/healthz' is not allowed: this path is not on the list",
        "'/api/v1/pods' is not allowed: listing is not on the list for this resource",
        "'/debug/pprof' is not allowed: this path is not on the list",
    ]


def test_logs_need_the_subresource() -> None:
    pods = Allowed(group="", version="v1", resource="pods", subresources=())
    assert AllowList(resources=(pods,)).check(LOG) == (
        f"{POD + '/log'!r} is not allowed: reading its log is not on the list for this resource"
    )
