"""The recording: every question that was asked, with its answer or why there is none.

Later steps of a run, a replay on another continent, a test and a newer version of the checks all
read it and must reach the same findings.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from lambda_proxy.core import covers
from runbook.model import Deployment, UsageError

FORMAT = 1
#: Lists are projected and logs are tails: the recording of a large cluster has a few megabytes.
_MOST_BYTES = 200_000_000

Outcome = Literal["ok", "absent", "refused", "unauthorized", "failed"]
#: Answers that are never asked for again within a run.
FINAL: frozenset[Outcome] = frozenset({"ok", "absent", "refused"})


class RecordingError(UsageError):
    """The recording cannot be read; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One distinct question; its pages and retries are not part of it."""

    port: str
    operation: str
    parameters: dict[str, Any]
    fields: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What makes it distinct. The projection does not: a wider answer serves a narrower question."""
        return json.dumps([self.port, self.operation, self.parameters], sort_keys=True)

    @property
    def call(self) -> str:
        """As evidence declares it: `k8s:get pods`, `iam:GetRole`."""
        return f"k8s:{self.operation}" if self.port == "kubernetes" else self.operation

    def __str__(self) -> str:
        """As a report quotes it: `iam:GetRole RoleName=shop-ebs-csi`."""
        return " ".join(
            [self.call, *(f"{name}={_plain(value)}" for name, value in sorted(self.parameters.items()))]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `cut` says at what a list or log was cut, empty when whole."""

    outcome: Outcome
    body: Any = None
    message: str = ""
    cut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Whose recording it is, and *now* for all judgements: the time of the run's first request."""

    runbook: str
    parameters: dict[str, str]
    cluster: dict[str, str]
    """`name` and, where known without asking, `region` and `endpoint`."""
    now: datetime
    finished: datetime | None = None
    deployment: Deployment | None = None
    """None when the checks ran on a laptop."""


@dataclass(slots=True, kw_only=True)
class Recording:
    """Questions and answers of one run."""

    header: Header
    entries: dict[str, tuple[Request, Answer]] = field(default_factory=dict)

    def add(self, request: Request, answer: Answer) -> None:
        """Remember an answer. Of several the last that is not a failure counts."""
        known = self.entries.get(request.key)
        if known is None or answer.outcome in FINAL or known[1].outcome not in FINAL:
            self.entries[request.key] = (request, answer)

    def find(self, request: Request) -> Answer | None:
        """The answer to this question, if one holds at least the fields asked for."""
        known = self.entries.get(request.key)
        if known is None or (known[1].outcome == "ok" and not covers(known[0].fields, request.fields)):
            return None
        return known[1]

    def of(self, port: str) -> list[tuple[Request, Answer]]:
        """All that was asked through one port."""
        return [entry for entry in self.entries.values() if entry[0].port == port]

    def merge(self, other: Recording) -> None:
        """Take over another part of the same run."""
        for request, answer in other.entries.values():
            self.add(request, answer)

    def dump(self) -> bytes:
        """The file's bytes: gzipped JSON, the same for the same content."""
        times = {"now": self.header.now.isoformat(), "finished": _iso(self.header.finished)}
        header = {"format": FORMAT, **asdict(self.header), **times}
        entries = [
            {**asdict(request), **{k: v for k, v in asdict(answer).items() if v or k == "outcome"}}
            for _, (request, answer) in sorted(self.entries.items())
        ]
        # Keys keep their order: a policy that a fix shows again must read as its author wrote it.
        text = json.dumps({"header": header, "entries": entries}, separators=(",", ":"))
        return gzip.compress(text.encode(), mtime=0)


def read(location: str) -> Recording:
    """Read a recording from a file, a folder of parts or `s3://bucket/key`. Raises RecordingError."""
    if location.startswith("s3://"):
        return load(_fetch(location), location)
    path = Path(location)
    if not location or not _exists(path):
        raise RecordingError(f"recording {location} cannot be read: there is no such file or folder")
    return load_path(path)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name too long
        return False


def _fetch(location: str) -> bytes:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, key = location.removeprefix("s3://").partition("/")
    if not bucket or not key:
        raise RecordingError(f"recording {location} cannot be read: name it as s3://bucket/key")
    try:
        return bytes(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except (BotoCoreError, ClientError) as error:
        raise RecordingError(f"recording {location} cannot be read: {error}") from None


def load(data: bytes, name: str) -> Recording:
    """Read what `dump` wrote (or the same JSON unzipped). Raises RecordingError, naming `name`."""
    try:
        text = _inflated(data) if data[:2] == b"\x1f\x8b" else data
        if len(text) > _MOST_BYTES:
            raise RecordingError(
                f"recording {name} is larger than {_MOST_BYTES:,} bytes, more than any run writes"
            )
        document = json.loads(text)
    except (EOFError, OSError, zlib.error):
        raise RecordingError(
            f"recording {name} is truncated or damaged: its gzip stream does not end well"
        ) from None
    except (ValueError, RecursionError):
        raise RecordingError(f"{name} is not a recording: it holds neither JSON nor gzipped JSON") from None
    return _parse(document, name)


def load_path(path: Path) -> Recording:
    """Read a recording from a file, or merge the parts in a folder. Raises RecordingError."""
    files = sorted([*path.glob("*.json.gz"), *path.glob("parts/*.json.gz")]) if path.is_dir() else [path]
    if not files:
        raise RecordingError(f"folder {path} holds no recording: no *.json.gz file is in it")
    parts = [load(_read(file), str(file)) for file in files]
    first = min(parts, key=lambda part: part.header.now)
    for part in parts:
        if (part.header.runbook, part.header.parameters) != (first.header.runbook, first.header.parameters):
            raise RecordingError(f"folder {path} holds parts of different runs; name the folder of one run")
        first.merge(part)
    return first


def _inflated(data: bytes) -> bytes:
    """Unzipped, but never much more than a recording can be: a small file may inflate without end."""
    with gzip.open(io.BytesIO(data)) as file:
        return file.read(_MOST_BYTES + 1)


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise RecordingError(f"recording {path} cannot be read: it is neither a file nor a folder")
        with path.open("rb") as file:
            return file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RecordingError(f"recording {path} cannot be read: {error.strerror}") from None


def _parse(document: Any, name: str) -> Recording:
    match document:
        case {"header": {"format": int(version)}} if version > FORMAT:
            raise RecordingError(
                f"recording {name} has format {version}, newer than this version reads ({FORMAT}); "
                "upgrade eks-runbook"
            )
        case {"header": {"format": 1} as header, "entries": list(entries)}:
            pass
        case _:
            raise RecordingError(f"{name} is not a recording of this runbook: it has no header with a format")
    try:
        return Recording(header=_header(header), entries=dict(_entries(entries)))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RecordingError(f"recording {name} is damaged: {type(error).__name__} at {error}") from None


def _header(header: dict[str, Any]) -> Header:
    now = datetime.fromisoformat(header["now"])
    if now.tzinfo is None:
        raise ValueError("header.now, which lacks its time zone")
    if "name" not in header["cluster"]:
        raise ValueError("header.cluster, which lacks its name")
    return Header(
        runbook=str(header["runbook"]),
        parameters={str(k): str(v) for k, v in header["parameters"].items()},
        cluster={str(k): str(v) for k, v in header["cluster"].items()},
        now=now.astimezone(UTC),
        finished=datetime.fromisoformat(header["finished"]) if header.get("finished") else None,
        deployment=Deployment(**header["deployment"]) if header.get("deployment") else None,
    )


def _entries(entries: Iterable[dict[str, Any]]) -> Iterator[tuple[str, tuple[Request, Answer]]]:
    for entry in entries:
        request = Request(
            port=entry["port"],
            operation=entry["operation"],
            parameters=dict(entry["parameters"]),
            fields=tuple(entry["fields"]),
        )
        if request.port not in ("kubernetes", "aws") or not all(
            isinstance(one, str) for one in request.fields
        ):
            raise ValueError(f"a request to '{request.port}'")
        if entry["outcome"] not in (*FINAL, "unauthorized", "failed"):
            raise ValueError(f"outcome '{entry['outcome']}'")
        answer = Answer(
            outcome=entry["outcome"],
            body=entry.get("body"),
            message=str(entry.get("message", "")),
            cut=str(entry.get("cut", "")),
        )
        yield request.key, (request, answer)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
