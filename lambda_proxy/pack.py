"""Answers as the function returns them: JSON, gzip, base64, within the limit of a Lambda response."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

from lambda_proxy.messages import Answer

LIMIT = 5_500_000


def pack(answers: Sequence[Answer], *, limit: int = LIMIT) -> bytes:
    """At most `limit` bytes; while there are more, the largest answer loses half, and says so.

    Raises ValueError when even answers without bodies do not fit.
    """
    kept = list(answers)
    sizes = [_size(entry) for entry in kept]
    packed = _encode(kept)
    while len(packed) > limit:
        # Compressing is what costs, so the ratio seen last tells how much must go before the next try.
        target = min(sum(sizes) * limit // len(packed), sum(sizes) - 1)
        while sum(sizes) > target:
            largest = sizes.index(max(sizes))
            if kept[largest]["body"] is None:
                raise ValueError(f"{len(kept)} answers do not fit into {limit:,} bytes")
            kept[largest] = _halved(kept[largest], limit)
            sizes[largest] = _size(kept[largest])
        packed = _encode(kept)
    return packed


def unpack(packed: bytes) -> list[Answer]:
    """The answers that `pack` was given, cut where it had to."""
    answers: list[Answer] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return answers


def _encode(answers: Sequence[Answer]) -> bytes:
    return base64.b64encode(gzip.compress(_json(answers), compresslevel=6, mtime=0))


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _size(answer: Answer) -> int:
    return len(_json(answer))


def _halved(answer: Answer, limit: int) -> Answer:
    match answer["body"]:
        case {"items": [_, _, *_] as items, "metadata": dict(metadata)}:
            items = items[: len(items) // 2]
            # How many remain is not known any more, and a wrong count is worse than none.
            metadata = {key: value for key, value in metadata.items() if key != "remainingItemCount"}
            cut = f"answer cut at {len(items):,} items: too large to return"
            return {**answer, "body": {"items": items, "metadata": metadata}, "cut": cut}
        case str(text) if len(text) > 1:
            tail = text[-(len(text) // 2) :]
            tail = tail[tail.find("\n") + 1 :] or tail
            cut = f"answer cut at {len(tail):,} characters: too large to return"
            return {**answer, "body": tail, "cut": cut}
    message = f"the answer does not fit into {limit:,} bytes"
    return {**answer, "status": 0, "body": None, "message": message, "reason": "TooLarge", "cut": ""}
