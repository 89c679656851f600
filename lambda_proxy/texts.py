"""Answers that are text: container logs and metrics, bounded."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping

from lambda_proxy.messages import Found

TAIL_LINES = 200
MOST_TAIL_LINES = 1000
LOG_BYTES = 256 * 1024
MOST_LOG_BYTES = 1024 * 1024


def log_query(query: Mapping[str, str]) -> dict[str, str]:
    """`query` with tailLines and limitBytes set and within bounds."""
    lines = min(int(query.get("tailLines", TAIL_LINES)), MOST_TAIL_LINES)
    size = min(int(query.get("limitBytes", LOG_BYTES)), MOST_LOG_BYTES)
    return {**query, "tailLines": str(lines), "limitBytes": str(size)}


def read_log(body: bytes, *, limit: int) -> Found:
    """The log as text, in whole lines. The kubelet applies limitBytes from the front: the newest lines go."""
    if len(body) < limit:
        return Found(body=body.decode(errors="replace"))
    if len(body) == limit:
        kept = body[: body.rfind(b"\n") + 1] or body
        cut = f"log cut at {limit:,} bytes: its newest lines are missing"
    else:
        tail = body[-limit:]
        starts_a_line = body[-limit - 1 : -limit] == b"\n"
        kept = tail if starts_a_line else tail[tail.find(b"\n") + 1 :] or tail
        cut = f"log cut at {limit:,} bytes: its oldest lines are missing"
    return Found(body=kept.decode(errors="replace"), cut=cut)


def read_metrics(body: bytes, names: Collection[str], *, cap: int) -> Found:
    """The samples of the metrics called `names`, at most `cap` lines."""
    wanted = {name.encode() for name in names}
    kept: list[bytes] = []
    for line in io.BytesIO(body):
        if line.partition(b"{")[0].partition(b" ")[0] not in wanted:
            continue
        if len(kept) == cap:
            return Found(body=_text(kept), cut=f"answer cut at {cap:,} lines")
        kept.append(line)
    return Found(body=_text(kept))


def _text(lines: list[bytes]) -> str:
    return b"".join(lines).decode(errors="replace")
