"""What the proxy function answers, what it needs of its environment, and that the token stays with it."""

from __future__ import annotations

import base64
import functools
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from lambda_proxy import handler
from lambda_proxy.pack import pack, unpack
from runbook.local.kubernetes.answers import Answer, json_answer, status, text_answer
from runbook.local.kubernetes.certificates import make
from runbook.permissions import allow_list, declared
from runbook.registry import load
from tests.lambda_proxy.witness import TOKEN, Function, Stage

PODS = "/api/v1/namespaces/shop/pods"
LIST: dict[str, Any] = {"path": PODS, "fields": ["metadata.name"]}
EVENT = {"token": TOKEN, "requests": [LIST]}
ENDPOINT = "CLUSTER_ENDPOINT must be the https address of the API server, without a path"
AUTHORITY = "CLUSTER_AUTHORITY must be the cluster's certificate authority as PEM in base64"
CERTIFICATES = make()
GOOD = {
    "CLUSTER_ENDPOINT": "https://ABC.gr7.us-east-1.eks.amazonaws.com",
    "CLUSTER_AUTHORITY": base64.b64encode(CERTIFICATES.ca).decode(),
}


class Context:
    """Lambda's, with some milliseconds left."""

    def __init__(self, left: int = 60_000) -> None:
        self._left = left

    def get_remaining_time_in_millis(self) -> int:
        return self._left


@pytest.fixture(scope="module")
def stage() -> Iterator[Function]:
    with Stage() as function:
        yield function


@pytest.fixture
def function(stage: Function) -> Function:
    stage.server.forget()
    return stage


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """For calls of the handler in this process."""
    file = tmp_path / "allowed.json"
    file.write_text(json.dumps(asdict(allow_list(declared(load())))), encoding="utf-8")
    monkeypatch.setattr(handler, "ALLOWED", file)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def failed(code: int, reason: str, message: str, http: int = 1) -> dict[str, Any]:
    return {"status": code, "body": None, "message": message, "reason": reason, "cut": "", "http": http}


def test_it_answers_each_request_in_order(function: Function) -> None:
    pod = {"metadata": {"name": "web-0"}, "spec": {"nodeName": "n1"}}
    function.server.reply = lambda call: (
        json_answer({"metadata": {}, "items": [pod]})
        if call.target.startswith(PODS)
        else status(403, "Forbidden", "no")
    )
    found = {"items": [{"metadata": {"name": "web-0"}}], "metadata": {}}
    assert function.ask({"path": "/version"}, LIST, {"path": "/api/v1/secrets"}) == [
        failed(403, "Forbidden", "no"),
        {"status": 200, "body": found, "message": "", "reason": "", "cut": "", "http": 1},
        failed(0, "NotAllowed", "'/api/v1/secrets' is not allowed: Secrets are never read", http=0),
    ]


def test_nothing_asked_is_nothing_answered(function: Function) -> None:
    assert function.ask() == []
    assert function.server.connections == 0


def test_it_writes_nothing(function: Function) -> None:
    invocation = function.runtime.invoke(json.dumps(EVENT).encode())
    assert (invocation.function_error, invocation.log) == ("", "")


def test_each_invocation_uses_its_own_token(function: Function) -> None:
    for token in (TOKEN, "another-bearer-token"):
        function.invoke({"token": token, "requests": [LIST]})
    sent = [call.headers["authorization"] for call in function.server.calls]
    assert sent == [f"Bearer {TOKEN}", "Bearer another-bearer-token"]


@pytest.mark.parametrize(
    "reply",
    [
        status(403, "Forbidden", f"token {TOKEN} may not"),
        status(403, TOKEN, "reason"),
        Answer(code=502, body=f"<html>Authorization: Bearer {TOKEN}</html>".encode()),
        Answer(code=200, body=f"not JSON: {TOKEN}".encode()),
        Answer(code=307, headers={"Location": f"https://example.com/{TOKEN}"}),
        Answer(code=403, headers={"X-Echo": TOKEN, "Retry-After": TOKEN}),
        # urllib3 would log what it cannot read.
        Answer(code=200, headers={"Content-Length": "0", f"X-Broken {TOKEN}\r\nnothing": TOKEN}),
        json_answer({"metadata": {"continue": TOKEN}, "items": [{"metadata": {"name": TOKEN}}]}),
        None,
    ],
)
def test_a_server_that_echoes_the_token_is_not_repeated(function: Function, reply: Answer | None) -> None:
    """`ask` looks for it in the payload, in what is packed there, and in the log."""
    function.server.reply = lambda _: reply
    (answered,) = function.ask(LIST)
    assert f"Bearer {TOKEN}" in {call.headers["authorization"] for call in function.server.calls}
    assert answered["status"] in {0, 200, 307, 403, 502}


def test_a_log_that_holds_the_token_is_given_without(function: Function) -> None:
    function.server.reply = lambda _: text_answer(f"got {TOKEN}.\n")
    (answered,) = function.ask({"path": f"{PODS}/web-0/log"})
    assert answered["body"] == "got [redacted].\n"


def test_an_authority_that_is_not_the_servers(
    function: Function, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not even when this machine trusts the server's."""
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(base64.b64decode(function.authority))
    environment.setenv("SSL_CERT_FILE", str(trusted))
    environment.setenv("CLUSTER_ENDPOINT", f"https://127.0.0.1:{function.server.port}")
    (answered,) = unpack(handler.handler(EVENT, Context())["packed"].encode())
    assert (answered["status"], answered["reason"], answered["http"]) == (0, "Certificate", 1)
    assert answered["message"].startswith("the API server's certificate is not trusted: ")
    assert function.server.calls == []


def test_a_server_of_another_name(function: Function, environment: pytest.MonkeyPatch) -> None:
    """127.1 is 127.0.0.1, but the certificate does not say so."""
    environment.setenv("CLUSTER_AUTHORITY", function.authority)
    for host, outcome in (("127.0.0.1", (200, "")), ("127.1", (0, "Certificate"))):
        environment.setenv("CLUSTER_ENDPOINT", f"https://{host}:{function.server.port}")
        (answered,) = unpack(handler.handler(EVENT, Context())["packed"].encode())
        assert (answered["status"], answered["reason"]) == outcome
    assert len(function.server.calls) == 1


def test_a_server_that_is_not_there(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CLUSTER_ENDPOINT", "https://127.0.0.1:1")
    (answered,) = unpack(handler.handler(EVENT, Context())["packed"].encode())
    assert (answered["status"], answered["reason"]) == (0, "Unreachable")
    assert re.fullmatch(
        r"the API server cannot be reached: \[Errno [0-9]+\] Connection refused", answered["message"]
    )


def test_no_time_is_left(environment: pytest.MonkeyPatch) -> None:
    (answered,) = unpack(handler.handler(EVENT, Context(0))["packed"].encode())
    assert answered == failed(0, "Timeout", "no time was left to ask", http=0)


def test_a_server_that_stalls_is_given_up_before_the_time_is_over(
    environment: pytest.MonkeyPatch, function: Function
) -> None:
    environment.setenv("CLUSTER_ENDPOINT", f"https://{function.stranger.address}")
    began = time.monotonic()
    (answered,) = unpack(handler.handler(EVENT, Context(2000))["packed"].encode())
    assert 1.7 < time.monotonic() - began < 2.0
    assert answered["reason"] == "Timeout"
    assert function.stranger.was_visited()


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://example.com",
        "example.com",
        "https://",
        "https://user@example.com",
        "https://example.com/api",
        "https://example.com?x",
        "https://example.com#x",
        "https://example.com\n",
        "https://example.com:443:443",
        "https://exa mple.com",
        "https://ex\u0430mple.com",
        "https://example.com\\@other.example",
    ],
)
def test_an_endpoint_that_is_none(environment: pytest.MonkeyPatch, endpoint: str) -> None:
    environment.setenv("CLUSTER_ENDPOINT", endpoint)
    assert handler.handler(EVENT, Context()) == {"errorMessage": ENDPOINT}


@pytest.mark.parametrize(
    "authority",
    [
        "",
        "not base64!",
        base64.b64encode(b"not PEM").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(CERTIFICATES.key).decode(),
        CERTIFICATES.ca.decode(),
        base64.b64encode(CERTIFICATES.ca[:200]).decode(),
    ],
)
def test_an_authority_that_is_none(environment: pytest.MonkeyPatch, authority: str) -> None:
    """Above all not an empty one: then the system's certificates would do."""
    environment.setenv("CLUSTER_AUTHORITY", authority)
    assert handler.handler(EVENT, Context()) == {"errorMessage": AUTHORITY}


@pytest.mark.parametrize(("name", "sentence"), [("ENDPOINT", ENDPOINT), ("AUTHORITY", AUTHORITY)])
def test_an_environment_that_lacks_one(environment: pytest.MonkeyPatch, name: str, sentence: str) -> None:
    environment.delenv(f"CLUSTER_{name}")
    assert handler.handler(EVENT, Context()) == {"errorMessage": sentence}


def test_the_client_trusts_one_authority_and_uses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    found = handler.configuration(GOOD, TOKEN)
    assert (found.host, found.proxy, found.verify_ssl, found.debug) == (
        GOOD["CLUSTER_ENDPOINT"], None, True, False,
    )  # fmt: skip
    assert (found.ca_cert_data, found.ssl_ca_cert) == (CERTIFICATES.ca.decode(), None)


def test_a_package_without_its_list_allows_nothing(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setattr(handler, "ALLOWED", tmp_path / "gone" / "allowed.json")
    assert handler.handler(EVENT, Context()) == {
        "errorMessage": "allowed.json is missing from the function's package, so that nothing is allowed"
    }


def test_answers_that_do_not_fit(environment: pytest.MonkeyPatch) -> None:
    environment.setattr(handler, "pack", functools.partial(pack, limit=10))
    assert handler.handler(EVENT, Context(0)) == {"errorMessage": "1 answers do not fit into 10 bytes"}


def test_a_defect_is_told_by_kind_and_place_without_its_words(environment: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> list[Any]:
        raise KeyError(TOKEN)

    environment.setattr(handler, "answer", broken)
    told = handler.handler(EVENT, Context())
    assert told.keys() == {"errorMessage"}
    form = r"the proxy function failed: KeyError in test_handler\.py, line [0-9]+"
    assert re.fullmatch(form, told["errorMessage"])
