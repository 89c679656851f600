"""Its allow-list attacked: nothing but an allowed GET to the one configured host ever leaves the function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from runbook.local.kubernetes.answers import Answer
from tests.lambda_proxy.witness import TOKEN, Function, Stage

F = ["metadata.name"]
PODS = "/api/v1/namespaces/shop/pods"
POD = f"{PODS}/web-0"
LIST: dict[str, Any] = {"path": PODS, "fields": F}
EVENT = 'the event must be {"token": text, "requests": list} and hold nothing else'

SLASH = "it must begin with a slash and name no scheme or host"
EMPTY = "it has an empty segment"
NOT_LISTED = "this path is not on the list"
NEVER = "is never asked, only log of pods"
SECRETS = "Secrets are never read"
READING = "reading is not on the list for this resource"
LISTING = "listing is not on the list for this resource"

#: A path, and why it is refused.
PATHS = [
    # up and away
    ("/api/v1/pods/../secrets", "'..' is not a plain name"),
    ("/api/v1/namespaces/shop/pods/../../../../../api/v1/secrets", "'..' is not a plain name"),
    ("/api/v1/namespaces/./pods", "'.' is not a plain name"),
    ("/api/v1/namespaces/a..b/pods", "'a..b' is not a plain name"),
    ("/version/..", "'..' is not a plain name"),
    # encoded, once and twice
    ("/api/v1/namespaces/%2e%2e/pods", "'%2e%2e' is not a plain name"),
    ("/api/v1/pods/%2E%2E/secrets", "'%2E%2E' is not a plain name"),
    ("/api/v1/namespaces/shop%2Fsecrets", "'shop%2Fsecrets' is not a plain name"),
    ("/api/v1/namespaces/shop%252f..%252fsecrets", "'shop%252f..%252fsecrets' is not a plain name"),
    ("/api/v1/%73ecrets", "'%73ecrets' is not a plain name"),
    ("/%61pi/v1/secrets", "'%61pi' is not a plain name"),
    # another host
    ("https://STRANGER/api/v1/pods", SLASH),
    ("http://STRANGER/version", SLASH),
    ("//STRANGER/api/v1/pods", EMPTY),
    ("///STRANGER/version", EMPTY),
    ("@STRANGER/version", SLASH),
    (":443@STRANGER/version", SLASH),
    (".example.com/version", SLASH),
    ("/@STRANGER/version", "'@STRANGER' is not a plain name"),
    ("/\\STRANGER/version", "'\\\\STRANGER' is not a plain name"),
    ("\\\\STRANGER\\version", SLASH),
    ("/api\\v1\\secrets", "'api\\\\v1\\\\secrets' is not a plain name"),
    # another request behind the first, another header
    ("/version HTTP/1.1\r\nHost: STRANGER\r\n\r\nGET /x", "'version HTTP' is not a plain name"),
    ("/api/v1/pods\r\nX-Evil: 1", "'pods\\r\\nX-Evil: 1' is not a plain name"),
    ("/version\n", "'version\\n' is not a plain name"),
    ("/version\x00", "'version\\x00' is not a plain name"),
    ("/version\t", "'version\\t' is not a plain name"),
    # looks alike
    ("/api/v1/p\u043eds", "'p\u043eds' is not a plain name"),
    ("/api/v1/\uff53ecrets", "'\uff53ecrets' is not a plain name"),
    ("/api/v1/namespaces\u2215shop\u2215secrets", "'namespaces\u2215shop\u2215secrets' is not a plain name"),
    ("/api/v1/namespaces/\u2024\u2024/pods", "'\u2024\u2024' is not a plain name"),
    ("/ver\u200bsion", "'ver\\u200bsion' is not a plain name"),
    ("/versi\u00f6n", "'versi\u00f6n' is not a plain name"),
    # a query, a fragment, parameters in the path
    ("/api/v1/pods?watch=true", "'pods?watch=true' is not a plain name"),
    ("/version?x", "'version?x' is not a plain name"),
    ("/api/v1/pods%3Fwatch=1", "'pods%3Fwatch=1' is not a plain name"),
    ("/api/v1/pods#x", "'pods#x' is not a plain name"),
    ("/api/v1/pods;watch=1", "'pods;watch=1' is not a plain name"),
    # what runs something, or reaches behind the API server
    (f"{POD}/exec", f"the subresource 'exec' {NEVER}"),
    (f"{POD}/attach", f"the subresource 'attach' {NEVER}"),
    (f"{POD}/portforward", f"the subresource 'portforward' {NEVER}"),
    (f"{POD}/proxy", f"the subresource 'proxy' {NEVER}"),
    (f"{POD}/proxy/metrics", NOT_LISTED),
    (f"{POD}/ephemeralcontainers", f"the subresource 'ephemeralcontainers' {NEVER}"),
    (f"{POD}/eviction", f"the subresource 'eviction' {NEVER}"),
    (f"{POD}/Log", f"the subresource 'Log' {NEVER}"),
    (f"{POD}/log/", EMPTY),
    ("/api/v1/nodes/n1/proxy", f"the subresource 'proxy' {NEVER}"),
    ("/api/v1/nodes/n1/proxy/run/shop/web-0/app", NOT_LISTED),
    ("/api/v1/nodes/n1:10250/proxy", "'n1:10250' is not a plain name"),
    ("/api/v1/nodes/n1/log", f"the subresource 'log' {NEVER}"),
    ("/api/v1/namespaces/shop/services/https:web:443/proxy", "'https:web:443' is not a plain name"),
    ("/apis/apps/v1/namespaces/shop/deployments/web/log", f"the subresource 'log' {NEVER}"),
    ("/apis/apps/v1/namespaces/shop/deployments/web/scale", f"the subresource 'scale' {NEVER}"),
    ("/api/v1/namespaces/shop/serviceaccounts/default/token", f"the subresource 'token' {NEVER}"),
    ("/api/v1/proxy/nodes/n1", f"the subresource 'n1' {NEVER}"),
    ("/api/v1/watch/pods", READING),
    ("/api/v1/watch/namespaces/shop/secrets", NOT_LISTED),
    # Secrets
    ("/api/v1/secrets", SECRETS),
    ("/api/v1/namespaces/shop/secrets", SECRETS),
    ("/api/v1/namespaces/shop/secrets/db", SECRETS),
    ("/api/v1/namespaces/shop/Secrets/db", SECRETS),
    ("/api/v1/namespaces/shop/SECRETS", SECRETS),
    ("/api/v1/namespaces/shop/secret", LISTING),
    ("/api/v2/secrets", SECRETS),
    ("/apis/v1/v1/secrets", SECRETS),
    ("/apis/core/v1/namespaces/shop/secrets", SECRETS),
    ("/api/v1/namespaces/shop/secrets/db/log", SECRETS),
    # whatever nobody declared
    ("/", EMPTY),
    ("/api", NOT_LISTED),
    ("/apis/apps/v1", NOT_LISTED),
    ("/metrics", NOT_LISTED),
    ("/logs/kube-apiserver.log", NOT_LISTED),
    ("/debug/pprof/profile", NOT_LISTED),
    ("/openid/v1/jwks", NOT_LISTED),
    ("/apis/apps/v1beta1/namespaces/shop/deployments/web", READING),
    ("/apis/rbac.authorization.k8s.io/v1/clusterroles", LISTING),
    ("/apis/authentication.k8s.io/v1/tokenreviews", LISTING),
    ("/api/v1" + "/a" * 600, "it is longer than 1,024 characters"),
]

NAMED = f"{PODS!r} is not allowed: "
LOG = {"path": f"{POD}/log"}
#: A request, and the whole refusal.
REQUESTS: list[tuple[Any, str]] = [
    (LIST | {"query": {"watch": "true"}}, NAMED + "the query key 'watch' cannot be used here"),
    (LIST | {"query": {"Watch": "1"}}, NAMED + "the query key 'Watch' cannot be used here"),
    (LIST | {"query": {"limit": "1&watch=1"}}, NAMED + "'1&watch=1' is no value for limit"),
    (LIST | {"query": {"limit": ["1", "2"]}}, NAMED + "\"['1', '2']\" is no value for limit"),
    (LIST | {"query": [["limit", "1"], ["limit", "2"]]}, NAMED + "query must be an object"),
    (LIST | {"query": "watch=1"}, NAMED + "query must be an object"),
    (LIST | {"query": {"limit&watch": "1"}}, NAMED + "the query key 'limit&watch' cannot be used here"),
    (LIST | {"query": {"continue": "x"}}, NAMED + "the query key 'continue' cannot be used here"),
    (LIST | {"query": {"resourceVersion": "1"}}, NAMED + "'1' is no value for resourceVersion"),
    (
        LIST | {"query": {"labelSelector": "a=b\r\nHost: STRANGER"}},
        NAMED + r"'a=b\r\nHost: STRANGER' is no value for labelSelector",
    ),
    (
        LOG | {"query": {"follow": "true"}},
        f"{LOG['path']!r} is not allowed: the query key 'follow' cannot be used here",
    ),
    (
        LOG | {"query": {"insecureSkipTLSVerifyBackend": "true"}},
        f"{LOG['path']!r} is not allowed: the query key 'insecureSkipTLSVerifyBackend' cannot be used here",
    ),
    (
        LOG | {"query": {"container": "app&follow=true"}},
        f"{LOG['path']!r} is not allowed: 'app&follow=true' is no value for container",
    ),
    (
        {"path": "/version", "query": {"timeout": "1"}},
        "'/version' is not allowed: the query key 'timeout' cannot be used here",
    ),
    *[
        (LIST | {key: value}, NAMED + f"a request has no {key!r}")
        for key, value in {
            "method": "DELETE",
            "body": {"spec": {}},
            "host": "STRANGER",
            "url": "https://STRANGER/",
            "endpoint": "https://STRANGER",
            "server": "https://STRANGER",
            "headers": {"Host": "STRANGER", "Impersonate-User": "admin", "Upgrade": "websocket"},
            "token": "another-bearer-token",
            "timeout": 10**9,
        }.items()
    ],
    ("/version", "not allowed: a request is an object"),
    (["/version"], "not allowed: a request is an object"),
    (None, "not allowed: a request is an object"),
    ({}, f"the path is not allowed: {SLASH}"),
    ({"path": {"path": "/version"}}, f"the path is not allowed: {SLASH}"),
]

#: An event, and why nothing of it is asked.
EVENTS: list[tuple[Any, str]] = [
    *[
        ({"token": TOKEN, "requests": [LIST], key: "https://STRANGER"}, EVENT)
        for key in ("host", "url", "endpoint", "server", "CLUSTER_ENDPOINT", "proxy", "authority")
    ],
    ({"token": TOKEN, "requests": [LIST], "headers": {"Host": "STRANGER"}}, EVENT),
    ({"token": TOKEN, "requests": [LIST], "method": "POST"}, EVENT),
    ({"token": TOKEN}, EVENT),
    ({"requests": [LIST]}, EVENT),
    ({"token": None, "requests": [LIST]}, EVENT),
    ({"token": [TOKEN], "requests": [LIST]}, EVENT),
    ({"token": TOKEN, "requests": LIST}, EVENT),
    ({"token": TOKEN, "requests": "/version"}, EVENT),
    ([TOKEN, [LIST]], EVENT),
    (TOKEN, EVENT),
    (None, EVENT),
    (7, EVENT),
    *[
        ({"token": token, "requests": [LIST]}, "the event's token has not the form of a bearer token")
        for token in (
            "",
            "short",
            f"{TOKEN}\r\nImpersonate-User: admin",
            f"{TOKEN}\n",
            f"{TOKEN}\r\n\r\nGET /api/v1/secrets HTTP/1.1",
            f"{TOKEN} {TOKEN}",
            f"{TOKEN}\x00",
            f"{TOKEN}\u2028",
            f"t\u00f6ken-{TOKEN}",
            TOKEN * 1000,
        )
    ],
    (
        {"token": TOKEN, "requests": [{"path": f"/api/v1/pods/{TOKEN}"}]},
        "the token must not appear in the event's requests",
    ),
    (
        {"token": TOKEN, "requests": [LIST | {"query": {"labelSelector": f"a={TOKEN}"}}]},
        "the token must not appear in the event's requests",
    ),
    ({"token": TOKEN, "requests": [LIST] * 1001}, "the event holds 1,001 requests; 1,000 are the most"),
]


@pytest.fixture(scope="module")
def stage() -> Iterator[Function]:
    with Stage() as function:
        yield function


@pytest.fixture
def function(stage: Function) -> Iterator[Function]:
    stage.server.forget()
    yield stage
    assert not stage.stranger.was_visited()


def _named(text: str) -> str:
    return repr(text[:200])


def _aimed(value: Any, function: Function) -> Any:
    """With the stranger's address wherever an attack would lead to him."""
    return json.loads(json.dumps(value).replace("STRANGER", function.stranger.address))


@pytest.mark.parametrize(("path", "why"), PATHS)
def test_a_path_that_is_refused(function: Function, path: str, why: str) -> None:
    path, why = _aimed([path, why], function)
    message = f"{_named(path)} is not allowed: {why}"
    refused = {"status": 0, "body": None, "message": message, "reason": "NotAllowed", "cut": "", "http": 0}
    assert function.ask({"path": path, "fields": F}) == [refused]
    assert (function.server.connections, function.server.lines) == (0, [])


@pytest.mark.parametrize(("request_", "message"), REQUESTS)
def test_a_request_that_is_refused(function: Function, request_: Any, message: str) -> None:
    request_, message = _aimed([request_, message], function)
    refused = {"status": 0, "body": None, "message": message, "reason": "NotAllowed", "cut": "", "http": 0}
    assert function.ask(request_) == [refused]
    assert (function.server.connections, function.server.lines) == (0, [])


@pytest.mark.parametrize(("event", "message"), EVENTS)
def test_an_event_that_is_refused(function: Function, event: Any, message: str) -> None:
    assert function.invoke(_aimed(event, function)) == {"errorMessage": message}
    assert (function.server.connections, function.server.lines) == (0, [])


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "https://STRANGER/api/v1/pods",
        "http://STRANGER/api/v1/pods",
        "//STRANGER/api/v1/pods",
        "/api/v1/secrets",
        "secrets",
    ],
)
def test_a_redirect_is_told_and_not_followed(function: Function, code: int, location: str) -> None:
    location = _aimed(location, function)
    function.server.reply = lambda _: Answer(code=code, headers={"Location": location})
    message = "the answer is a redirect, which is not followed"
    told = {"status": code, "body": None, "message": message, "reason": "Redirect", "cut": "", "http": 1}
    assert function.ask(LIST) == [told]
    assert function.server.lines == [f"GET {PODS}?limit=500"]


def test_a_page_token_of_the_server_stays_a_page_token(function: Function) -> None:
    """The one part of a query that a server chooses."""
    tokens = iter(["x&watch=1#\r\nX-Evil: 1", ""])
    function.server.reply = lambda _: Answer(
        body=json.dumps({"metadata": {"continue": next(tokens)}, "items": []}).encode()
    )
    (answered,) = function.ask(LIST)
    assert answered["status"] == 200
    assert [dict(parse_qsl(urlsplit(call.target).query)) for call in function.server.calls] == [
        {"limit": "500"},
        {"limit": "500", "continue": "x&watch=1#\r\nX-Evil: 1"},
    ]


def test_a_selector_stays_a_selector(function: Function) -> None:
    for value in ("a=b&watch=1", "a=b#x", "a=b%26watch=1", "a=b+c", "a=b;watch=1", "../../secrets", "\\"):
        function.server.forget()
        function.ask(LIST | {"query": {"labelSelector": value}})
        (call,) = function.server.calls
        assert urlsplit(call.target).path == PODS
        assert parse_qsl(urlsplit(call.target).query) == [("labelSelector", value), ("limit", "500")]


def test_of_a_key_twice_one_is_asked(function: Function) -> None:
    query = '{"limit": "1", "limit": "2"}'
    event = (
        f'{{"token": "{TOKEN}", "requests": [{{"path": "{PODS}", "fields": ["kind"], "query": {query}}}]}}'
    )
    assert function.invoke(event.encode()).keys() == {"packed"}
    assert function.server.lines == [f"GET {PODS}?limit=2"]


def test_a_thousand_requests_too_long_to_be_paths(function: Function) -> None:
    answers = function.ask(*[{"path": "/api/v1/" + "a" * 5000}] * 1000)
    assert {answered["message"].rpartition(": ")[2] for answered in answers} == {
        "it is longer than 1,024 characters"
    }
    assert (len(answers), function.server.connections) == (1000, 0)


@pytest.mark.parametrize("depth", [100, 400])
def test_a_request_as_deep_as_json_is_read(function: Function, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    event = f'{{"token": "{TOKEN}", "requests": [{{"path": "{PODS}", "query": {{"limit": {deep}}}}}]}}'
    answered = function.invoke(event.encode())
    assert answered.keys() == {"packed"}
    assert function.server.connections == 0


def test_an_event_deeper_than_json_is_read(function: Function) -> None:
    """Refused by Lambda's runtime itself, before our code."""
    deep = "[" * 100_000 + "]" * 100_000
    answered = function.invoke(f'{{"token": "{TOKEN}", "requests": {deep}}}'.encode())
    assert "maximum recursion depth exceeded" in answered["errorMessage"]
    assert function.server.connections == 0
    assert function.ask(LIST)[0]["status"] == 200


@pytest.mark.parametrize("head", [b"", b"{", b"\xff", b"\xef\xbb\xbf", b"'"])
def test_an_event_that_is_no_json(function: Function, head: bytes) -> None:
    answered = function.invoke(head + f'{{"token": "{TOKEN}", "requests": ['.encode())
    assert answered["errorMessage"].startswith("Unable to unmarshal input: ")
    assert function.server.connections == 0


def test_what_leaves_is_a_get_with_the_token_and_nothing_of_the_callers_choice(function: Function) -> None:
    function.ask(
        LIST, LIST | {"metadataOnly": True}, {"path": POD, "fields": F}, LOG, {"path": "/version"},
    )  # fmt: skip
    assert sorted(function.server.lines) == [
        f"GET {PODS}/web-0",
        f"GET {PODS}/web-0/log?tailLines=200&limitBytes=262144",
        f"GET {PODS}?limit=500",
        f"GET {PODS}?limit=500",
        "GET /version",
    ]
    for call in function.server.calls:
        accept = call.headers["accept"]
        assert {**call.headers, "accept": ""} == {
            "host": f"127.0.0.1:{function.server.port}",
            "authorization": f"Bearer {TOKEN}",
            "accept": "",
            "accept-encoding": "identity",
            "user-agent": call.headers["user-agent"],
        }
        assert accept in {
            "application/json",
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            "*/*",
        }
