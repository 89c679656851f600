"""One answer per request: objects, lists, logs, metrics, failures, all redacted."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from lambda_proxy.core import AllowList, Request, Response, TransportError, answer
from tests.lambda_proxy.given import ALLOW, POD, PODS, Api, Call, failed, found, refusal, response

FIELDS = ["metadata.name"]
WEB = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-0", "uid": "1"},
    "spec": {"nodeName": "n1"},
}


def test_an_object_is_projected() -> None:
    api = Api(replies=[response(WEB)])
    assert api.ask({"path": POD, "fields": FIELDS}) == [found({"metadata": {"name": "web-0"}})]
    assert api.calls == [Call(path=POD, query={}, headers={"accept": "application/json"}, timeout=20.0)]


@pytest.mark.parametrize(
    ("path", "body", "accept"),
    [
        (POD, WEB, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
        (
            PODS,
            {"metadata": {}, "items": []},
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ),
    ],
)
def test_metadata_alone_is_asked_for_by_header(path: str, body: object, accept: str) -> None:
    api = Api(replies=[response(body)])
    api.ask({"path": path, "fields": FIELDS, "metadataOnly": True})
    assert [call.headers for call in api.calls] == [{"accept": accept}]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"path": POD}, f"{POD}: fields are required: the paths that are read"),
        ({"path": PODS, "fields": []}, f"{PODS}: fields are required: the paths that are read"),
        ({"path": "/metrics"}, "/metrics: lines are required: the names of the metrics that are read"),
    ],
)
def test_unbounded_questions_are_bad_requests(request_: Request, message: str) -> None:
    api = Api()
    assert api.ask(request_) == [failed(400, "BadRequest", message, 0)]
    assert api.calls == []


def test_answers_come_in_the_order_of_the_requests_though_asked_in_parallel() -> None:
    together = threading.Barrier(4, timeout=10)

    def transport(
        path: str, query: Mapping[str, str], headers: Mapping[str, str], timeout: float
    ) -> Response:
        del query, headers, timeout
        together.wait()  # nobody is answered before all four have asked
        return response({"metadata": {"name": path.rpartition("/")[2]}})

    requests: list[Request] = [{"path": f"{PODS}/web-{n}", "fields": FIELDS} for n in range(4)]
    answers = answer(requests, transport=transport, allow=ALLOW, workers=4)
    assert answers == [found({"metadata": {"name": f"web-{n}"}}) for n in range(4)]


def test_no_requests_no_answers() -> None:
    assert Api().ask() == []


def test_other_paths_are_text_or_json() -> None:
    def serve(call: Call) -> Response:
        return response({"gitVersion": "v1.34.4"} if call.path == "/version" else "ok")

    answers = Api(serve=serve).ask({"path": "/version"}, {"path": "/livez"}, {"path": "/readyz"})
    assert answers == [found({"gitVersion": "v1.34.4"}), found("ok"), found("ok")]


def test_metrics_are_filtered_by_their_exact_names() -> None:
    text = (
        "# HELP objects x\n# TYPE objects gauge\n"
        'objects{resource="pods"} 5\nobjects 7\nobjects_total 9\nmy_objects 1\nup 1\n'
    )
    [told] = Api(replies=[response(text)]).ask({"path": "/metrics", "lines": ["objects", "up"]})
    assert told == found('objects{resource="pods"} 5\nobjects 7\nup 1\n')


def test_metrics_are_capped() -> None:
    [told] = Api(replies=[response("up 1\nup 2\nup 3\n")]).ask(
        {"path": "/metrics", "lines": ["up"], "cap": 2}
    )
    assert told == found("up 1\nup 2\n", cut="answer cut at 2 lines")


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        ("<html>", POD, "the answer is not JSON"),
        (b"\xff\xfe", POD, "the answer is not JSON"),
        ("<html>", PODS, "the answer is not JSON"),
        ("<html>", "/version", "the answer is not JSON"),
        ([1], POD, "the answer is not an object"),
        ({"kind": "Pod"}, PODS, "the answer is not a list"),
        ('{"metadata":' + "[" * 100_000 + "]" * 100_000 + "}", POD, "the answer is nested too deeply"),
    ],
)
def test_answers_that_make_no_sense_are_failures(body: object, path: str, message: str) -> None:
    [told] = Api(replies=[response(body)]).ask({"path": path, "fields": ["metadata"]})
    assert told == failed(0, "BadAnswer", message)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (refusal(403, "Forbidden", "pods is forbidden"), failed(403, "Forbidden", "pods is forbidden")),
        (
            refusal(404, "NotFound", 'pods "web-0" not found'),
            failed(404, "NotFound", 'pods "web-0" not found'),
        ),
        (response({"message": "Unauthorized"}, 401), failed(401, "Unauthorized", "Unauthorized")),
        (response("bad", 400), failed(400, "HTTP400", "bad")),
        (response("", 404), failed(404, "HTTP404", "HTTP 404")),
        (response("x", 499), failed(499, "HTTP499", "x")),
        (
            response("", 302, location="https://evil.example/?token=abc"),
            failed(302, "Redirect", "the answer is a redirect, which is not followed"),
        ),
        (TransportError("unreachable", "no route to host"), failed(0, "Unreachable", "no route to host")),
        (TransportError("certificate", "unknown authority"), failed(0, "Certificate", "unknown authority")),
    ],
)
def test_failures_keep_the_words_of_the_api_server(
    reply: Response | TransportError, expected: object
) -> None:
    api = Api(replies=[reply])
    assert api.ask({"path": POD, "fields": FIELDS}) == [expected]
    assert len(api.calls) == 1


def test_messages_are_redacted_and_bounded() -> None:
    api = Api(replies=[refusal(403, "Forbidden", "password=hunter2 " + "x" * 9000)])
    [told] = api.ask({"path": POD, "fields": FIELDS})
    assert told["message"] == ("password=[redacted:value] " + "x" * 9000)[:4000]


def test_transport_errors_are_redacted() -> None:
    api = Api(replies=[TransportError("unreachable", "GET with Authorization: Bearer abc failed")])
    [told] = api.ask({"path": POD, "fields": FIELDS})
    assert told["message"] == "GET with Authorization: [redacted:authorization] failed"


def test_bodies_are_redacted_of_objects_lists_logs_and_metrics() -> None:
    pod = {"spec": {"containers": [{"env": [{"name": "DB", "value": "hunter2"}]}]}}

    def serve(call: Call) -> Response:
        if call.path.endswith("/log"):
            return response("login with password=hunter2\n")
        if call.path == "/metrics":
            return response('up{url="https://u:hunter2@h/"} 1\n')
        return response({"metadata": {}, "items": [pod]} if call.path == PODS else pod)

    told = Api(serve=serve).ask(
        {"path": POD, "fields": ["spec.containers.env.value"]},
        {"path": PODS, "fields": ["spec"]},
        {"path": f"{POD}/log"},
        {"path": "/metrics", "lines": ["up"]},
    )
    assert [entry["body"] for entry in told] == [
        {"spec": {"containers": [{"env": [{"value": "[redacted]"}]}]}},
        {
            "items": [{"spec": {"containers": [{"env": [{"name": "DB", "value": "[redacted]"}]}]}}],
            "metadata": {},
        },
        "login with password=[redacted:value]\n",
        'up{url="https://[redacted:url-credentials]@h/"} 1\n',
    ]


def test_of_a_config_map_only_declared_keys_are_kept_though_the_object_does_not_say_its_kind() -> None:
    body = {"kind": "ConfigMap", "data": {"mapRoles": "- rolearn: x", "other": "hunter2"}}
    [told] = Api(replies=[response(body)]).ask(
        {"path": "/api/v1/namespaces/kube-system/configmaps/aws-auth", "fields": ["data"]}
    )
    assert told == found({"data": {"mapRoles": "- rolearn: x"}})


def test_nothing_is_asked_that_is_not_allowed() -> None:
    api = Api()
    [told] = api.ask({"path": POD, "fields": FIELDS}, allow=AllowList())
    assert told == failed(
        0, "NotAllowed", f"{POD!r} is not allowed: reading is not on the list for this resource", 0
    )
    assert api.calls == []
