"""Puts a World into a real control plane.

Every object is created through the API, as an administrator would: the server validates it strictly, fills
in its defaults, runs its admission. Then what a server gives out by itself (uid, creation time, generation)
is put back to the world's in etcd, so that references hold and the cluster is days old, not seconds.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from runbook.local.world import Key, Manifest, World
from runbook.ports.resources import BY_KIND
from tests.cluster.control_plane import ControlPlane
from tests.cluster.etcd import Etcd, Stored
from tests.cluster.rest import MERGE_PATCH, Answer, Rest

# What others need comes first; a quota would refuse what was there before it; events speak of all else.
FIRST = ("Namespace", "StorageClass", "Node", "ServiceAccount")
LAST = ("Pod", "ResourceQuota", "Event")
# What the server decides at creation, and the restoring puts back.
SERVERS_OWN = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")
# Who may do what is laid by lay_access, and outlives a world.
ACCESS = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
# What a client may not send along with a new object.
NOT_SENT = (*SERVERS_OWN, "resourceVersion", "managedFields")
STRICT = "fieldValidation=Strict"
_TIME = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?=(?:\.\d+)?Z)")


class LayError(Exception):
    """The API server refuses an object; the text holds its words."""


def lay(world: World, plane: ControlPlane) -> timedelta:
    """Make the cluster this world, instead of any earlier one. Raises LayError.

    The world's times are moved so that its `now` is now; the answer is by how much. Scheduler and
    controllers stand still meanwhile, and then find the finished world.
    """
    shift = timedelta(seconds=int((datetime.now(UTC) - world.now).total_seconds()))
    objects = moved(world.objects, shift)
    with plane.quiet():
        _clear(plane)
        with plane.rest() as rest:
            for key, manifest in sorted((_service_accounts(objects) | objects).items(), key=_rank):
                _create(rest, key, manifest)
            for key, manifest in objects.items():
                _put_status(rest, key, manifest)
        _restore(plane.etcd, objects)
        plane.kubelets.serve(objects, {key: _moved(text, shift) for key, text in world.logs.items()})
    return shift


def moved(objects: dict[Key, Manifest], shift: timedelta) -> dict[Key, Manifest]:
    """The objects with every RFC 3339 time in them moved."""
    return {key: json.loads(_moved(json.dumps(manifest), shift)) for key, manifest in objects.items()}


def lay_access(plane: ControlPlane, manifests: list[Manifest]) -> None:
    """Apply ClusterRoles and their bindings, as `kubectl replace --force` would. Raises LayError."""
    with plane.rest() as rest:
        for manifest in manifests:
            name = manifest["metadata"]["name"]
            path = f"/apis/{manifest['apiVersion']}/{manifest['kind'].lower()}s"
            rest.ask("DELETE", f"{path}/{name}")
            _expect(rest.ask("POST", f"{path}?{STRICT}", manifest), f"{manifest['kind']} {name}")


def _moved(text: str, shift: timedelta) -> str:
    return _TIME.sub(lambda found: (datetime.fromisoformat(found[0]) + shift).isoformat(), text)


def _rank(row: tuple[Key, Manifest]) -> tuple[int, Key]:
    kind = row[0][0]
    if kind in FIRST:
        return FIRST.index(kind), row[0]
    return len(FIRST) + (1 + LAST.index(kind) if kind in LAST else 0), row[0]


def _service_accounts(objects: dict[Key, Manifest]) -> dict[Key, Manifest]:
    """Namespaces' `default` service accounts, without which no pod may be created."""
    return {
        ("ServiceAccount", namespace, "default"): {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": namespace},
        }
        for namespace in {namespace for _, namespace, _ in objects if namespace}
    }


def _create(rest: Rest, key: Key, manifest: Manifest) -> None:
    kind, namespace, name = key
    metadata = {field: value for field, value in manifest["metadata"].items() if field not in NOT_SENT}
    body = {field: value for field, value in manifest.items() if field != "status"} | {"metadata": metadata}
    resource = BY_KIND[kind]
    answer = rest.ask("POST", f"{resource.path(namespace)}?{STRICT}", body)
    if answer.status == 409:  # the server made one itself, as it does with kube-system
        answer = rest.ask("PATCH", f"{resource.path(namespace, name)}?{STRICT}", body, MERGE_PATCH)
    _expect(answer, f"{kind} {namespace}/{name}")


def _put_status(rest: Rest, key: Key, manifest: Manifest) -> None:
    kind, namespace, name = key
    if "status" not in manifest or _leaving(manifest):
        return
    path = BY_KIND[kind].path(namespace, name, "status")
    answer = rest.ask("PATCH", f"{path}?{STRICT}", {"status": manifest["status"]}, MERGE_PATCH)
    _expect(answer, f"the status of {kind} {namespace}/{name}")


def _leaving(manifest: Manifest) -> bool:
    """Whether it is being deleted: only then does the server let a namespace be Terminating."""
    return "deletionTimestamp" in manifest["metadata"]


def _restore(etcd: Etcd, objects: dict[Key, Manifest]) -> None:
    changed = []
    for stored in etcd.objects():
        if manifest := objects.get(_key(stored)):
            own = {field: value for field, value in manifest["metadata"].items() if field in SERVERS_OWN}
            value = stored.value | {"metadata": stored.value["metadata"] | own}
            if _leaving(manifest) and "status" in manifest:
                value["status"] = manifest["status"]
            changed.append(replace(stored, value=value))
    etcd.replace(changed)


def _clear(plane: ControlPlane) -> None:
    """Remove what earlier worlds and their controllers left; not what the server made, nor access."""
    left = [stored for stored in plane.etcd.objects() if stored.key not in plane.bootstrapped]
    plane.etcd.delete([stored.key for stored in left if stored.value["kind"] not in ACCESS])


def _key(stored: Stored) -> Key:
    metadata = stored.value["metadata"]
    return stored.value["kind"], metadata.get("namespace", ""), metadata["name"]


def _expect(answer: Answer, what: str) -> None:
    if answer.status >= 300:
        raise LayError(f"the API server refuses {what}: {answer.status} {answer.text.strip()}")
