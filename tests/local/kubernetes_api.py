"""Asking the embedded Kubernetes API over real HTTPS, and small objects to fill it with."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from typing import Any

from runbook.local.kubernetes import EmbeddedKubernetes, Identity

Manifest = dict[str, Any]
Objects = dict[tuple[str, str, str], Manifest]

ADMIN_TOKEN = "admin"
ADMIN = Identity(user="admin", groups=("system:masters",))
READER = Identity(user="arn:aws:sts::111122223333:assumed-role/r/s", groups=("eks-runbook-readers",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer."""

    code: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def names(self) -> list[str]:
        """`namespace/name` of a list's items, as they came."""
        found = [item["metadata"] for item in self.json["items"]]
        return [f"{item.get('namespace', '')}/{item['name']}" for item in found]

    @property
    def refusal(self) -> tuple[int, str, str]:
        """Code, reason and message of a Status that says the same code as the HTTP answer."""
        assert (self.json["kind"], self.json["status"]) == ("Status", "Failure")
        assert self.json["code"] == self.code
        return self.code, self.json["reason"], self.json["message"]


@contextmanager
def connection(api: EmbeddedKubernetes, timeout: float = 10) -> Iterator[HTTPSConnection]:
    """A connection that trusts nobody but the API's own authority, by the strictest rules."""
    trust = ssl.create_default_context(cadata=api.ca_pem)
    trust.verify_flags |= ssl.VERIFY_X509_STRICT
    opened = HTTPSConnection(api.url.removeprefix("https://"), context=trust, timeout=timeout)
    try:
        yield opened
    finally:
        opened.close()


def ask(
    api: EmbeddedKubernetes,
    path: str,
    *,
    token: str | None = ADMIN_TOKEN,
    method: str = "GET",
    accept: str | None = None,
    timeout: float = 10,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request on a connection of its own."""
    sent = dict(headers or {})
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if accept is not None:
        sent["Accept"] = accept
    with connection(api, timeout) as opened:
        opened.request(method, path, headers=sent)
        response = opened.getresponse()
        return Reply(code=response.status, headers=dict(response.getheaders()), body=response.read())


def embedded(
    objects: Objects | None = None,
    *,
    logs: dict[tuple[str, str, str, bool], str] | None = None,
    access: list[Manifest] | None = None,
    metrics: str = "",
) -> EmbeddedKubernetes:
    """The API with an administrator and a reader who may do what `access` says."""
    return EmbeddedKubernetes(
        objects=objects or {},
        logs=logs or {},
        access=access or [],
        tokens={ADMIN_TOKEN: ADMIN, "reader": READER},
        metrics=metrics,
    )


def manifests(*found: Manifest) -> Objects:
    """Manifests by their keys."""
    return {
        (manifest["kind"], manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]): manifest
        for manifest in found
    }


def pod(name: str, namespace: str = "shop", labels: dict[str, str] | None = None, **status: Any) -> Manifest:
    """A pod with the container `app`, on the node n1."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        "spec": {"nodeName": "n1", "containers": [{"name": "app", "image": "app:1"}]},
        "status": {"phase": "Running", **status},
    }


def node(name: str, **spec: Any) -> Manifest:
    """A node."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": spec}
