"""Reading objects: one, or a list in pages, whole or only their metadata."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left
from collections.abc import Mapping
from uuid import NAMESPACE_OID, uuid5

from runbook.local.kubernetes.answers import (
    Manifest,
    bad_request,
    not_acceptable,
    not_found,
)
from runbook.local.kubernetes.selectors import field_selector, label_selector
from runbook.ports.resources import ApiResource

Key = tuple[str, str, str]
Objects = Mapping[Key, Manifest]

META = "meta.k8s.io/v1"
# Above every version that is filled in, as a list's version is at least that of its items.
LIST_VERSION = 1_000_000
CREATED = "2026-01-01T00:00:00Z"


def read(objects: Objects, resource: ApiResource, namespace: str, name: str) -> Manifest:
    """One object with apiVersion and kind; raises Refusal (404)."""
    key = (resource.kind, namespace if resource.namespaced else "", name)
    manifest = objects.get(key)
    if manifest is None:
        raise not_found(resource.plural, resource.group, name)
    return {"kind": resource.kind, "apiVersion": resource.api_version, **_complete(key, manifest)}


def listing(objects: Objects, resource: ApiResource, namespace: str, query: Mapping[str, str]) -> Manifest:
    """A page of a list, in etcd's order; raises Refusal (400) for a query that cannot be read."""
    matches_labels = label_selector(query.get("labelSelector", ""))
    matches_fields = field_selector(resource.kind, query.get("fieldSelector", ""))
    limit, start = _limit(query), _start(query)
    objects = dict(objects)  # other threads may change it meanwhile
    keys = _keys(objects, resource.kind, namespace)
    keys = keys[bisect_left([path for path, _ in keys], start) :]
    items: list[Manifest] = []
    metadata: Manifest = {"resourceVersion": str(LIST_VERSION)}
    for position, (path, key) in enumerate(keys, start=1):
        item = _complete(key, objects[key])
        if not (matches_labels(item["metadata"].get("labels") or {}) and matches_fields(item)):
            continue
        items.append({name: item[name] for name in item if name not in ("kind", "apiVersion")})
        if limit and len(items) == limit and position < len(keys):
            # Like the real server: it promises more when keys remain, though none of them may match.
            metadata["continue"] = _token(path)
            if not (query.get("labelSelector") or query.get("fieldSelector")):
                metadata["remainingItemCount"] = len(keys) - position
            break
    kind, version = f"{resource.kind}List", resource.api_version
    return {"kind": kind, "apiVersion": version, "metadata": metadata, "items": items}


def in_form(document: Manifest, form: str) -> Manifest:
    """The document whole, or as the metadata that `form` names; raises Refusal (406)."""
    is_list = "items" in document
    if form == "PartialObjectMetadataList" and is_list:
        items = [_metadata_only(item) for item in document["items"]]
        return {"kind": form, "apiVersion": META, "metadata": document["metadata"], "items": items}
    if form == "PartialObjectMetadata" and not is_list:
        return _metadata_only(document)
    if form:
        what = "a list" if is_list else "not a list"
        raise not_acceptable(f"you requested {form}, but the requested object is {what}")
    return document


def accepted_form(accept: str) -> str:
    """The form that the Accept header prefers, empty for the whole; raises Refusal (406)."""
    for clause in (accept or "*/*").split(","):
        media, *rest = (part.strip() for part in clause.split(";"))
        options = dict(part.partition("=")[::2] for part in rest)
        if media not in ("application/json", "*/*"):
            continue
        form = options.get("as", "")
        if not form:
            return ""
        if form.startswith("PartialObjectMetadata") and f"{options.get('g')}/{options.get('v')}" == META:
            return form
    raise not_acceptable("only the following media types are accepted: application/json")


def _metadata_only(item: Manifest) -> Manifest:
    return {"kind": "PartialObjectMetadata", "apiVersion": META, "metadata": item["metadata"]}


def _complete(key: Key, manifest: Manifest) -> Manifest:
    """The object with what every stored object has; the given one stays as it is."""
    uid = uuid5(NAMESPACE_OID, "/".join(key))
    _, namespace, name = key
    defaults = {
        "name": name,
        **({"namespace": namespace} if namespace else {}),
        "uid": str(uid),
        "resourceVersion": str(uid.int % (LIST_VERSION - 1) + 1),
        "creationTimestamp": CREATED,
    }
    return {**manifest, "metadata": {**defaults, **manifest.get("metadata", {})}}


def _keys(objects: Objects, kind: str, namespace: str) -> list[tuple[str, Key]]:
    """Paths below the list's own prefix, sorted as bytes: `a-b/x` comes before `a/x`."""
    return sorted(
        (key[2] if namespace or not key[1] else f"{key[1]}/{key[2]}", key)
        for key in objects
        if key[0] == kind and namespace in ("", key[1])
    )


def _limit(query: Mapping[str, str]) -> int:
    """How many items, 0 for all; a list from the cache (resourceVersion=0) comes whole, whatever it says."""
    limit = whole_number(query, "limit") or 0
    cached = query.get("resourceVersion") == "0" and not query.get("continue")
    return 0 if cached or limit < 0 else limit


def whole_number(query: Mapping[str, str], name: str) -> int | None:
    """A query's number; raises Refusal (400) in Go's words when it is none."""
    text = query.get(name)
    if text is None:
        return None
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _token(path: str) -> str:
    token = {"v": META, "rv": LIST_VERSION, "start": f"/{path}\0"}
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


def _start(query: Mapping[str, str]) -> str:
    token, version = query.get("continue", ""), query.get("resourceVersion", "")
    if version and not version.isdigit():
        value = f'resourceVersion: Invalid value: "{version}"'
        why = f'strconv.ParseUint: parsing "{version}": invalid syntax'
        raise bad_request(f"invalid resource version: {value}: {why}")
    if not token:
        return ""
    try:
        start = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["start"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise bad_request("invalid continue token: continue key is not valid") from error
    if version not in ("", "0"):
        raise bad_request("specifying resource version is not allowed when using continue")
    return str(start).removeprefix("/")
