"""The embedded Kubernetes API: label and field selectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from runbook.local.kubernetes import EmbeddedKubernetes
from runbook.local.kubernetes.selectors import VALUE_RULE
from tests.local.kubernetes_api import Manifest, ask, embedded, manifests, node, pod


def event(name: str, component: str = "", reporter: str = "", **more: Any) -> Manifest:
    """An event about the pod that its name begins with."""
    about = {"kind": "Pod", "namespace": "shop", "name": name.partition(".")[0], "uid": f"uid-{name}"}
    return {
        "kind": "Event",
        "metadata": {"name": name, "namespace": "shop"},
        "involvedObject": about,
        "source": {"component": component} if component else {},
        "reportingComponent": reporter,
        **more,
    }


OBJECTS = manifests(
    pod("a", labels={"app": "web", "tier": "x", "example.com/zone": ""}),
    pod("b", labels={"app": "db"}, phase="Pending", podIP="10.0.0.9"),
    pod("c", "other"),
    node("n1"),
    node("n2", unschedulable=True),
    event("a.1", "kubelet", reason="Failed", type="Warning"),
    event("b.1", reporter="ebs.csi.aws.com/x", reason="Pulled", type="Normal"),
    {"kind": "Namespace", "metadata": {"name": "shop"}, "status": {"phase": "Active"}},
    {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}},
)
OBJECTS["Pod", "shop", "a"]["spec"]["hostNetwork"] = True
OBJECTS["Pod", "other", "c"]["spec"]["nodeName"] = "n2"


@pytest.fixture(scope="module")
def api() -> Iterator[EmbeddedKubernetes]:
    with embedded(OBJECTS) as running:
        yield running


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("", "abc"),
        ("app=web", "a"),
        ("app==web", "a"),
        (" app = web , tier = x ", "a"),
        ("app!=web", "bc"),
        ("app in (web, db)", "ab"),
        ("app in (web),tier", "a"),
        ("app notin (web)", "bc"),
        ("app", "ab"),
        ("!app", "c"),
        ("! tier,app", "b"),
        ("app=web,app=db", ""),
        ("example.com/zone=", "a"),
        ("example.com/zone in ()", "a"),
        ("example.com/zone in (,y)", "a"),
        ("example.com/zone!=", "bc"),
        ("in", ""),
    ],
)
def test_labels_are_selected(api: EmbeddedKubernetes, selector: str, expected: str) -> None:
    names = ask(api, f"/api/v1/pods?labelSelector={quote(selector)}").names
    assert "".join(sorted(name.partition("/")[2] for name in names)) == expected


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a==!", "unable to parse requirement: found '!', expected: identifier"),
        ("-a=b", 'unable to parse requirement: key: Invalid value: "-a": is no valid label name'),
        ("a=b/c", f'unable to parse requirement: values[0][a]: Invalid value: "b/c": {VALUE_RULE}'),
        ("a>1", "the embedded API does not know the operator '>' in label selectors"),
    ],
)
def test_a_label_selector_that_cannot_be_read_is_refused(
    api: EmbeddedKubernetes, selector: str, message: str
) -> None:
    reply = ask(api, f"/api/v1/pods?labelSelector={quote(selector)}")
    assert reply.refusal == (400, "BadRequest", message)


@pytest.mark.parametrize(
    ("plural", "selector", "expected"),
    [
        ("pods", "metadata.name=a", ["shop/a"]),
        ("pods", "metadata.name!=a", ["other/c", "shop/b"]),
        ("pods", "metadata.namespace=other", ["other/c"]),
        ("pods", "spec.nodeName==n1,status.phase=Pending", ["shop/b"]),
        ("pods", "status.podIP=", ["other/c", "shop/a"]),
        ("pods", "spec.hostNetwork=true", ["shop/a"]),
        ("pods", "spec.hostNetwork=false", ["other/c", "shop/b"]),
        ("pods", "status.nominatedNodeName=", ["other/c", "shop/a", "shop/b"]),
        ("nodes", "spec.unschedulable=true", ["/n2"]),
        ("nodes", "spec.unschedulable=false", ["/n1"]),
        ("namespaces", "status.phase=Active", ["/shop"]),
        ("events", "involvedObject.uid=uid-a.1", ["shop/a.1"]),
        ("events", "involvedObject.kind=Pod,reason!=Failed", ["shop/b.1"]),
        ("events", "source=kubelet", ["shop/a.1"]),
        ("events", "source=ebs.csi.aws.com/x", ["shop/b.1"]),
        ("events", "reportingComponent=", ["shop/a.1"]),
        ("events", "type=Warning", ["shop/a.1"]),
        ("persistentvolumeclaims", "metadata.name=data", ["shop/data"]),
        ("pods", "metadata.name=a\\,b", []),
        ("pods", ",", ["other/c", "shop/a", "shop/b"]),
    ],
)
def test_fields_are_selected(
    api: EmbeddedKubernetes, plural: str, selector: str, expected: list[str]
) -> None:
    assert ask(api, f"/api/v1/{plural}?fieldSelector={quote(selector)}").names == expected


@pytest.mark.parametrize(
    ("path", "selector", "message"),
    [
        ("/api/v1/pods", "metadata.uid=x", "field label not supported: metadata.uid"),
        ("/api/v1/nodes", "metadata.namespace=x", "field label not supported: metadata.namespace"),
        ("/api/v1/events", "message=x", "field label not supported: message"),
        (
            "/api/v1/persistentvolumeclaims",
            "spec.volumeName=x",
            '"spec.volumeName" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        (
            "/apis/apps/v1/replicasets",
            "status.replicas=0",
            '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ("/api/v1/pods", "foo", "invalid selector: 'foo'; can't understand 'foo'"),
        (
            "/api/v1/pods",
            "metadata.name=a=b",
            "invalid field selector: 'a=b' lacks an escape or holds a wrong one",
        ),
        (
            "/api/v1/pods",
            "metadata.name=a\\",
            "invalid field selector: 'a\\' lacks an escape or holds a wrong one",
        ),
    ],
)
def test_a_field_that_cannot_be_selected_by_is_refused(
    api: EmbeddedKubernetes, path: str, selector: str, message: str
) -> None:
    assert ask(api, f"{path}?fieldSelector={quote(selector)}").refusal == (400, "BadRequest", message)
