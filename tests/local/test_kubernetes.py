"""The embedded Kubernetes API: objects, lists, what is not there."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from runbook.local.kubernetes import EmbeddedKubernetes
from runbook.ports.resources import RESOURCES, ApiResource
from tests.local.kubernetes_api import ask, embedded, manifests, node, pod

METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA_ONE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {
        "name": "gp3",
        "uid": "u-1",
        "resourceVersion": "7",
        "creationTimestamp": "2026-01-02T03:04:05Z",
    },
    "provisioner": "ebs.csi.aws.com",
}
OBJECTS = manifests(
    node("n1"), CLASS, pod("web-1"), pod("web-0", labels={"tier": "x"}), pod("z", "a-b"), pod("z", "a")
)
PODS = "/api/v1/namespaces/shop/pods"


@pytest.fixture(scope="module")
def api() -> Iterator[EmbeddedKubernetes]:
    with embedded(OBJECTS, metrics="apiserver_storage_objects 3\n") as running:
        yield running


def test_an_object_comes_back_as_it_was_given(api: EmbeddedKubernetes) -> None:
    reply = ask(api, "/apis/storage.k8s.io/v1/storageclasses/gp3")
    assert (reply.code, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.json == CLASS


def test_what_every_stored_object_has_is_filled_in_without_touching_what_was_given() -> None:
    objects = manifests(pod("web-0"))
    before = copy.deepcopy(objects)
    replies = []
    for _ in range(2):
        with embedded(objects) as api:
            replies.append(ask(api, f"{PODS}/web-0").json)
    assert replies[0] == replies[1]
    assert replies[0]["metadata"] == {
        "name": "web-0",
        "namespace": "shop",
        "labels": {},
        "uid": "d74ab11b-5e70-5a9e-9857-c9b3505f5786",
        "resourceVersion": "502798",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    assert objects == before


def test_a_list_is_in_the_order_of_etcd_and_its_items_carry_no_kind(api: EmbeddedKubernetes) -> None:
    reply = ask(api, "/api/v1/pods")
    # As bytes, "-" comes before "/".
    assert reply.names == ["a-b/z", "a/z", "shop/web-0", "shop/web-1"]
    assert {key: reply.json[key] for key in ("kind", "apiVersion", "metadata")} == {
        "kind": "PodList",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": "1000000"},
    }
    assert [sorted(item) for item in reply.json["items"]] == [["metadata", "spec", "status"]] * 4
    assert ask(api, PODS).names == ["shop/web-0", "shop/web-1"]
    assert ask(api, "/api/v1/namespaces/none/pods").json["items"] == []


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.plural)
def test_every_known_resource_is_listed_and_discovered(
    api: EmbeddedKubernetes, resource: ApiResource
) -> None:
    reply = ask(api, resource.path()).json
    assert (reply["kind"], reply["apiVersion"]) == (f"{resource.kind}List", resource.api_version)
    found = ask(api, resource.path().rpartition("/")[0]).json["resources"]
    assert {row["name"]: (row["kind"], row["namespaced"]) for row in found}[resource.plural] == (
        resource.kind,
        resource.namespaced,
    )


def test_pages_follow_each_other_and_count_what_remains(api: EmbeddedKubernetes) -> None:
    first = ask(api, "/api/v1/pods?limit=3")
    token = first.json["metadata"]["continue"]
    assert first.names == ["a-b/z", "a/z", "shop/web-0"]
    assert first.json["metadata"]["remainingItemCount"] == 1
    last = ask(api, f"/api/v1/pods?limit=3&continue={token}")
    assert last.names == ["shop/web-1"]
    assert last.json["metadata"] == {"resourceVersion": "1000000"}
    assert "continue" not in ask(api, "/api/v1/pods?limit=4").json["metadata"]


def test_with_a_selector_nothing_is_counted_and_the_last_page_may_be_empty(api: EmbeddedKubernetes) -> None:
    first = ask(api, f"{PODS}?limit=1&labelSelector=tier%3Dx")
    assert first.names == ["shop/web-0"]
    assert sorted(first.json["metadata"]) == ["continue", "resourceVersion"]
    token = first.json["metadata"]["continue"]
    last = ask(api, f"{PODS}?limit=1&labelSelector=tier%3Dx&continue={token}")
    assert (last.names, last.json["metadata"]) == ([], {"resourceVersion": "1000000"})


def test_a_list_from_the_cache_comes_whole_whatever_its_limit(api: EmbeddedKubernetes) -> None:
    reply = ask(api, "/api/v1/pods?limit=1&resourceVersion=0")
    assert len(reply.names) == 4
    assert reply.json["metadata"] == {"resourceVersion": "1000000"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=x", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("limit=", 'strconv.ParseInt: parsing "": invalid syntax'),
        ("continue=x", "invalid continue token: continue key is not valid"),
        ("continue=e30", "invalid continue token: continue key is not valid"),
        (
            "resourceVersion=x",
            (
                'invalid resource version: resourceVersion: Invalid value: "x": '
                'strconv.ParseUint: parsing "x": invalid syntax'
            ),
        ),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(api: EmbeddedKubernetes, query: str, message: str) -> None:
    assert ask(api, f"{PODS}?{query}").refusal == (400, "BadRequest", message)


def test_a_continue_token_takes_no_resource_version(api: EmbeddedKubernetes) -> None:
    token = ask(api, "/api/v1/pods?limit=1").json["metadata"]["continue"]
    message = "specifying resource version is not allowed when using continue"
    reply = ask(api, f"/api/v1/pods?continue={token}&resourceVersion=7")
    assert reply.refusal == (400, "BadRequest", message)


def test_only_metadata_is_sent_where_only_metadata_is_asked_for(api: EmbeddedKubernetes) -> None:
    listed = ask(api, f"{PODS}?limit=1", accept=METADATA_LIST).json
    assert (listed["kind"], listed["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert listed["metadata"]["remainingItemCount"] == 1
    assert [sorted(item) for item in listed["items"]] == [["apiVersion", "kind", "metadata"]]
    one = ask(api, f"{PODS}/web-0", accept=f"{METADATA_ONE}, application/json").json
    assert (one["kind"], sorted(one)) == ("PartialObjectMetadata", ["apiVersion", "kind", "metadata"])
    assert one["metadata"] == listed["items"][0]["metadata"]


@pytest.mark.parametrize(
    ("path", "accept", "message"),
    [
        (
            f"{PODS}/web-0",
            METADATA_LIST,
            "you requested PartialObjectMetadataList, but the requested object is not a list",
        ),
        (PODS, METADATA_ONE, "you requested PartialObjectMetadata, but the requested object is a list"),
        (PODS, "text/plain", "only the following media types are accepted: application/json"),
        (f"{PODS}/web-0/log", "text/plain", "only the following media types are accepted: application/json"),
    ],
)
def test_a_form_that_cannot_be_had_is_refused(
    api: EmbeddedKubernetes, path: str, accept: str, message: str
) -> None:
    assert ask(api, path, accept=accept).refusal == (406, "NotAcceptable", message)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html, application/json;q=0.5"])
def test_json_is_sent_to_whoever_takes_it(api: EmbeddedKubernetes, accept: str) -> None:
    assert ask(api, PODS, accept=accept).json["kind"] == "PodList"


@pytest.mark.parametrize(
    ("path", "message", "details"),
    [
        (f"{PODS}/x", 'pods "x" not found', {"name": "x", "kind": "pods"}),
        (
            "/apis/storage.k8s.io/v1/storageclasses/x",
            'storageclasses.storage.k8s.io "x" not found',
            {"name": "x", "group": "storage.k8s.io", "kind": "storageclasses"},
        ),
        ("/api/v1/namespaces/shop/secrets", "the server could not find the requested resource", {}),
        ("/api/v1/pods/web-0", "the server could not find the requested resource", {}),
        ("/api/v1/namespaces/shop/nodes", "the server could not find the requested resource", {}),
        (f"{PODS}/web-0/exec", "the server could not find the requested resource", {}),
        ("/api/v1/nodes/n1/proxy/metrics", "the server could not find the requested resource", {}),
        ("/apis/apps/v9/deployments", "the server could not find the requested resource", {}),
    ],
)
def test_what_is_not_there_is_not_found(
    api: EmbeddedKubernetes, path: str, message: str, details: dict[str, str]
) -> None:
    reply = ask(api, path)
    assert reply.refusal == (404, "NotFound", message)
    assert reply.json["details"] == details


@pytest.mark.parametrize("path", ["/nope", "/apis/snapshot.storage.k8s.io/v1/volumesnapshots"])
def test_outside_the_known_groups_a_404_is_plain_text(api: EmbeddedKubernetes, path: str) -> None:
    reply = ask(api, path)
    assert (reply.code, reply.text) == (404, "404 page not found\n")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_the_server_tells_its_version_health_and_metrics(api: EmbeddedKubernetes) -> None:
    version = {"major": "1", "minor": "34", "gitVersion": "v1.34.4", "platform": "linux/amd64"}
    assert ask(api, "/version").json == version
    assert [ask(api, path).text for path in ("/livez", "/readyz", "/healthz")] == ["ok"] * 3
    metrics = ask(api, "/metrics")
    assert metrics.text == "apiserver_storage_objects 3\n"
    assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
