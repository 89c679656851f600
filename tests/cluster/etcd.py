"""What the API server keeps in etcd, read and written behind its back (etcd's own JSON gateway)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from tests.cluster.rest import Rest

_REGISTRY = "/registry/"
_BATCH = 100  # etcd takes at most 128 operations in a transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object as the API server stores it in JSON."""

    key: str
    revision: str
    value: dict[str, Any]


class Etcd:
    """An etcd of which we are the only other client."""

    def __init__(self, url: str) -> None:
        self._rest = Rest(url)

    def objects(self) -> list[Stored]:
        """Every object of the registry; what is not an object (counters, addresses) is left out."""
        end = _REGISTRY[:-1] + chr(ord("/") + 1)
        found = self._ask("/v3/kv/range", {"key": _code(_REGISTRY), "range_end": _code(end)})
        rows = [
            (_decode(row["key"]), row["mod_revision"], _decode(row["value"])) for row in found.get("kvs", [])
        ]
        stored = [
            Stored(key=key, revision=revision, value=json.loads(value))
            for key, revision, value in rows
            if value.startswith("{")
        ]
        return [row for row in stored if "name" in row.value.get("metadata", {})]

    def replace(self, changed: list[Stored]) -> None:
        """Put new values for keys that were read before; raises RuntimeError if another wrote one since."""
        puts = [
            {"key": _code(row.key), "value": _code(json.dumps(row.value)), "ignore_lease": True}
            for row in changed
        ]
        compares = [
            {"key": _code(row.key), "target": "MOD", "result": "EQUAL", "mod_revision": row.revision}
            for row in changed
        ]
        for start in range(0, len(changed), _BATCH):
            batch = slice(start, start + _BATCH)
            success = [{"request_put": put} for put in puts[batch]]
            answer = self._ask("/v3/kv/txn", {"compare": compares[batch], "success": success})
            if not answer.get("succeeded"):
                raise RuntimeError(f"another wrote one of {[row.key for row in changed[batch]]} meanwhile")

    def delete(self, keys: list[str]) -> None:
        """Remove keys; the API server's caches and its watchers notice."""
        deletes = [{"request_delete_range": {"key": _code(key)}} for key in keys]
        for start in range(0, len(keys), _BATCH):
            self._ask("/v3/kv/txn", {"success": deletes[start : start + _BATCH]})

    def close(self) -> None:
        """Close the connection."""
        self._rest.close()

    def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._rest.ask("POST", path, body)
        if answer.status != 200:
            raise RuntimeError(f"etcd answered {answer.status}: {answer.text}")
        result: dict[str, Any] = answer.json
        return result


def _code(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decode(text: str) -> str:
    return base64.b64decode(text).decode(errors="replace")
