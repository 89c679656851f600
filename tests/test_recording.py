"""The recording: what it remembers, what it serves, and what it says about files that are not one."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runbook.recording import Answer, Header, Recording, RecordingError, Request, load, load_path, read

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
HEADER = Header(runbook="Test", parameters={"Name": "x"}, cluster={"name": "shop"}, now=NOW)
NARROW = Request(port="aws", operation="iam:GetRole", parameters={"RoleName": "r"}, fields=("Role.Arn",))
WIDE = replace(NARROW, fields=("Role",))
OK = Answer(outcome="ok", body={"Role": {"Arn": "arn"}})
FAILED = Answer(outcome="failed", message="timed out")
REFUSED = Answer(outcome="refused", message="not allowed")


def recording(*entries: tuple[Request, Answer]) -> Recording:
    made = Recording(header=HEADER)
    for request, answer in entries:
        made.add(request, answer)
    return made


def test_an_answer_serves_a_narrower_question_and_never_a_wider_one() -> None:
    assert recording((WIDE, OK)).find(NARROW) == OK
    assert recording((NARROW, OK)).find(WIDE) is None


def test_a_refusal_serves_whatever_fields_are_asked_for() -> None:
    assert recording((NARROW, REFUSED)).find(WIDE) == REFUSED


@pytest.mark.parametrize(
    ("answers", "counts"),
    [
        ([FAILED, OK], OK),
        ([OK, FAILED], OK),
        ([FAILED, REFUSED], REFUSED),
        ([REFUSED, OK], OK),
        ([FAILED, replace(FAILED, message="again")], replace(FAILED, message="again")),
    ],
)
def test_of_several_answers_the_last_that_is_not_a_failure_counts(
    answers: list[Answer], counts: Answer
) -> None:
    assert recording(*((NARROW, answer) for answer in answers)).find(NARROW) == counts


def test_the_file_holds_everything_and_its_bytes_depend_on_nothing_else() -> None:
    other = Request(port="kubernetes", operation="list pods", parameters={}, fields=("metadata.name",))
    cut = Answer(outcome="ok", body={"items": []}, cut="answer cut at 5 items")
    one, two = recording((NARROW, OK), (other, cut)), recording((other, cut), (NARROW, OK))
    assert one.dump() == two.dump()
    again = load(one.dump(), "x")
    assert again.header == HEADER
    assert again.entries == one.entries


def _document(**changes: Any) -> bytes:
    document = json.loads(gzip.decompress(recording((NARROW, OK)).dump()))
    document["header"].update(changes.pop("header", {}))
    return json.dumps({**document, **changes}).encode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            recording((NARROW, OK)).dump()[:-20],
            "recording x is truncated or damaged: its gzip stream does not end well",
        ),
        (b"\x1f\x8bnonsense", "recording x is truncated or damaged: its gzip stream does not end well"),
        (b"", "x is not a recording: it holds neither JSON nor gzipped JSON"),
        (b"\x89PNG", "x is not a recording: it holds neither JSON nor gzipped JSON"),
        (b"[]", "x is not a recording of this runbook: it has no header with a format"),
        (
            b'{"header": {"format": "1"}}',
            "x is not a recording of this runbook: it has no header with a format",
        ),
        (
            _document(header={"format": 2}),
            "recording x has format 2, newer than this version reads (1); upgrade eks-runbook",
        ),
        (
            _document(header={"now": "soon"}),
            "recording x is damaged: ValueError at Invalid isoformat string: 'soon'",
        ),
        (
            _document(header={"now": "2026-11-21T06:30:00"}),
            "recording x is damaged: ValueError at header.now, which lacks its time zone",
        ),
        (_document(entries=[{}]), "recording x is damaged: KeyError at 'port'"),
        (
            _document(entries=["a"]),
            "recording x is damaged: TypeError at string indices must be integers, not 'str'",
        ),
    ],
)
def test_what_is_not_a_recording_is_said_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(RecordingError) as raised:
        load(data, "x")
    assert str(raised.value) == sentence


def test_the_parts_of_a_run_are_merged(tmp_path: Path) -> None:
    other = Request(port="aws", operation="iam:GetPolicy", parameters={})
    (tmp_path / "01-a.json.gz").write_bytes(recording((NARROW, OK)).dump())
    (tmp_path / "02-b.json.gz").write_bytes(recording((other, REFUSED), (NARROW, FAILED)).dump())
    assert load_path(tmp_path).entries == recording((NARROW, OK), (other, REFUSED)).entries


def test_parts_of_different_runs_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(recording((NARROW, OK)).dump())
    foreign = Recording(header=replace(HEADER, parameters={"Name": "y"}))
    (tmp_path / "b.json.gz").write_bytes(foreign.dump())
    with pytest.raises(RecordingError, match="holds parts of different runs"):
        load_path(tmp_path)


def test_a_place_without_recording_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"cannot be read: there is no such file or folder"):
        read(str(tmp_path / "nothing"))
    with pytest.raises(RecordingError, match=r"holds no recording: no \*\.json\.gz file is in it"):
        read(str(tmp_path))


def test_a_small_file_that_inflates_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runbook.recording._MOST_BYTES", 1_000_000)
    with pytest.raises(RecordingError, match="is larger than 1,000,000 bytes, more than any run writes"):
        load(gzip.compress(b" " * 2_000_000), "x")


@pytest.mark.parametrize("location", ["", "x" * 300, "/dev/zero", "s3://bucket"])
def test_what_is_no_place_of_a_recording_is_said_in_a_sentence(location: str) -> None:
    with pytest.raises(RecordingError):
        read(location)
