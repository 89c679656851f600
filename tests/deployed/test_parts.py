"""A step's part in its output, where S3 does not take it."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from runbook.deployed.asking import fitting
from runbook.recording import Answer, Header, Recording, Request, load

HEADER = Header(runbook="R", parameters={}, cluster={"name": "shop"}, now=datetime(2026, 11, 21, tzinfo=UTC))


def part(**sizes: int) -> Recording:
    recording = Recording(header=HEADER)
    for name, size in sizes.items():
        text = hashlib.shake_256(name.encode()).hexdigest(size // 2)  # text that gzip cannot shorten much
        recording.add(
            Request(port="kubernetes", operation=f"get {name}", parameters={}),
            Answer(outcome="ok", body=text),
        )
    return recording


def kept(text: str) -> list[str]:
    recording = load(base64.b64decode(text), "a part")
    return [request.operation for request, _ in recording.entries.values()]


def test_a_part_that_fits_is_kept_whole() -> None:
    assert kept(fitting(part(one=100, two=200), 60_000)) == ["get one", "get two"]


def test_the_largest_answers_are_left_out_until_it_fits() -> None:
    text = fitting(part(one=100, log=50_000, two=200, other_log=40_000), 2_000)
    assert len(text) <= 2_000
    assert kept(text) == ["get one", "get two"]


def test_what_is_left_out_counts_as_not_recorded() -> None:
    recording = load(base64.b64decode(fitting(part(log=50_000), 2_000)), "a part")
    assert recording.find(Request(port="kubernetes", operation="get log", parameters={})) is None
