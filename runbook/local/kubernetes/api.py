"""The embedded API: who asks, may they, and what is the answer."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, unquote

from runbook.local.kubernetes import certificates, discovery
from runbook.local.kubernetes.access import ANONYMOUS, HEALTH, Access, Identity
from runbook.local.kubernetes.answers import (
    Answer,
    Manifest,
    OwnRefusal,
    Refusal,
    json_answer,
    no_such_path,
    no_such_resource,
    own_refusal,
    text_answer,
    unauthorized,
)
from runbook.local.kubernetes.asked import Asked, parse, watches
from runbook.local.kubernetes.collection import Objects, accepted_form, in_form, listing, read
from runbook.local.kubernetes.faults import Fault
from runbook.local.kubernetes.logs import Logs, container_log
from runbook.local.kubernetes.server import Call, Server
from runbook.ports.resources import RESOURCES, ApiResource

BY_PATH = {(resource.group, resource.version, resource.plural): resource for resource in RESOURCES}
GROUPS = {resource.group for resource in RESOURCES}
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

GET_KEYS = {"resourceVersion"}
LIST_KEYS = GET_KEYS | {"limit", "continue", "labelSelector", "fieldSelector", "watch"}
LOG_KEYS = {"container", "tailLines", "previous", "limitBytes", "timestamps", "sinceSeconds"}
# kubectl adds it to what it asks about groups.
PATH_KEYS = {"timeout"}


class EmbeddedKubernetes:
    """A read-only API server on a free port of 127.0.0.1, as a context manager.

    `objects` (kind, namespace, name) -> manifest and `logs` (namespace, pod, container, previous) -> text
    are read at each request and never changed. `access` are RBAC manifests, `tokens` maps a bearer token
    to its Identity (any Mapping will do, such as one that judges tokens in `get`).

    `requests` lists (method, path, query) as they came, `violations` (method, path, why) what only this
    API refuses: writes, watches, upgrades, query keys it does not know. `faults` maps the beginning of a
    path to a Fault; the first that fits is taken.
    """

    def __init__(
        self,
        *,
        objects: Objects,
        logs: Logs,
        access: Iterable[Manifest],
        tokens: Mapping[str, Identity],
        version: str = "v1.34.4",
        metrics: str = "",
    ) -> None:
        self._objects, self._logs, self._tokens, self._metrics = objects, logs, tokens, metrics
        self._access = Access(access)
        self._documents = discovery.documents(version)
        self._certificates = certificates.make()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.violations: list[tuple[str, str, str]] = []
        self.faults: dict[str, Fault] = {}

    def __enter__(self) -> Self:
        self._server = Server(self._certificates, self._respond)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self._server.port}"

    @property
    def ca_pem(self) -> str:
        """The certificate authority to trust."""
        return self._certificates.ca.decode()

    def kubeconfig(self, folder: Path, token: str) -> Path:
        """Write a kubeconfig (JSON, which is YAML too) for this token, readable by the owner only."""
        authority = base64.b64encode(self._certificates.ca).decode()
        name = "embedded"
        cluster = {"server": self.url, "certificate-authority-data": authority}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
        path = folder / "kubeconfig"
        path.touch(mode=0o600)
        path.write_text(json.dumps(document, indent=2))
        return path

    def _respond(self, call: Call) -> Answer | None:
        raw_path, _, raw_query = call.target.partition("?")
        path, pairs = unquote(raw_path), parse_qsl(raw_query, keep_blank_values=True)
        with self._lock:
            self.requests.append((call.method, path, dict(pairs)))
            fault = self._fault(path)
        if fault and fault.kind == "timeout":
            self._stopping.wait()
        if fault:
            return fault.answer(fault.kind) if isinstance(fault.kind, int) else None
        try:
            return self._answer(call, path, pairs)
        except OwnRefusal as refusal:
            why = json.loads(refusal.answer.body)["message"]
            self.violations.append((call.method, path, why))
            return refusal.answer
        except Refusal as refusal:
            return refusal.answer

    def _fault(self, path: str) -> Fault | None:
        fault = next((found for start, found in self.faults.items() if path.startswith(start)), None)
        if fault is None or fault.times == 0:
            return None
        if fault.times:
            fault.times -= 1
        return fault

    def _answer(self, call: Call, path: str, pairs: list[tuple[str, str]]) -> Answer:
        if call.method != "GET":
            raise own_refusal(f"is read-only: {call.method}", 405)
        if "upgrade" in call.headers:
            raise own_refusal(f"does not upgrade to {call.headers['upgrade']}")
        if path != "/" and {"", ".", ".."} & set(path[1:].split("/")):
            raise own_refusal("takes paths in their canonical form only")
        asked = parse(path, dict(pairs))
        self._access.judge(self._identity(call.headers, path), asked)
        known = self._keys(asked)
        names = [name for name, _ in pairs]
        for name in names:
            if name not in known:
                raise own_refusal(f"does not know the query key {name!r} here")
            if names.count(name) > 1:
                raise own_refusal(f"takes the query key {name!r} only once")
        return self._resource(asked, call.headers.get("accept", "")) if asked.resource else self._path(asked)

    def _identity(self, headers: Mapping[str, str], path: str) -> Identity:
        if "authorization" not in headers and path in HEALTH:
            return ANONYMOUS
        scheme, _, token = headers.get("authorization", "").partition(" ")
        identity = self._tokens.get(token) if scheme.lower() == "bearer" else None
        if identity is None:
            raise unauthorized()
        return identity

    def _keys(self, asked: Asked) -> set[str]:
        if not asked.resource:
            return PATH_KEYS
        if asked.subresource:
            return LOG_KEYS
        return GET_KEYS if asked.verb == "get" else LIST_KEYS

    def _path(self, asked: Asked) -> Answer:
        if asked.path in self._documents:
            return json_answer(self._documents[asked.path])
        if asked.path in HEALTH:
            return text_answer("ok")
        if asked.path == "/metrics":
            return text_answer(self._metrics, content_type=METRICS_TYPE)
        raise no_such_path()

    def _resource(self, asked: Asked, accept: str) -> Answer:
        resource, name = _known(asked), asked.name if asked.verb == "get" else ""
        if asked.path != resource.path(asked.namespace, name, asked.subresource):
            raise no_such_resource()
        if watches(asked.query):
            raise own_refusal("does not serve watches")
        form = accepted_form(accept)
        if not name:
            return json_answer(in_form(listing(self._objects, resource, asked.namespace, asked.query), form))
        document = read(self._objects, resource, asked.namespace, name)
        if not asked.subresource:
            return json_answer(in_form(document, form))
        return container_log(document, self._objects, self._logs, asked.query)


def _known(asked: Asked) -> ApiResource:
    """The resource asked for; raises Refusal (404) where a server without it has no such path."""
    if asked.group not in GROUPS:
        raise no_such_path()
    resource = BY_PATH.get((asked.group, asked.version, asked.resource))
    if resource is None or asked.subresource not in ("", "log" if resource.kind == "Pod" else ""):
        raise no_such_resource()
    if asked.verb == "get" and resource.namespaced and not asked.namespace:
        raise no_such_resource()
    return resource
