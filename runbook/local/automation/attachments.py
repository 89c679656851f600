"""Files attached to a document: fetched from S3 when a version is made, and kept with it."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from runbook.local.automation.document import Json
from runbook.local.automation.validation import MOST_ATTACHMENTS
from runbook.local.aws.moto_wire import AwsError, not_embedded


def fetched(sources: list[Json], files: Json, s3: Any) -> dict[str, bytes]:
    """The files of a new version by name, each with the checksum that the document states for it.

    Raises AwsError where a file is not there, is not what the document says, or was not given at all.
    """
    found: dict[str, bytes] = {}
    for source in sources:
        for name, bucket, key in _objects(source, files):
            try:
                found[name] = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                raise _refused(f"s3://{bucket}/{key} cannot be read: {error}") from error
    if len(found) > MOST_ATTACHMENTS:
        raise _refused(f"a document has at most {MOST_ATTACHMENTS} attachments")
    for name, stated in files.items():
        _check(name, stated, found)
    return {name: found[name] for name in files}


def described(name: str, data: bytes) -> Json:
    """The API's AttachmentContent, without an address to fetch it from."""
    return {"Name": name, "Size": len(data), "Hash": hashlib.sha256(data).hexdigest(), "HashType": "Sha256"}


def _check(name: str, stated: Json, found: dict[str, bytes]) -> None:
    if name not in found:
        raise _refused(f"{name} is in files but was not attached")
    checksum = (stated.get("checksums") or {}).get("sha256")
    actual = hashlib.sha256(found[name]).hexdigest()
    if checksum != actual:
        raise _refused(f"{name} has the SHA-256 checksum {actual}, not {checksum}")


def _objects(source: Json, files: Json) -> list[tuple[str, str, str]]:
    """Name, bucket and key of what one AttachmentsSource stands for."""
    if source.get("Key") == "AttachmentReference":
        raise not_embedded("An attachment of another document")
    (address,) = source["Values"]
    parts = urlsplit(address)
    if parts.scheme != "s3":
        raise _refused(f"{address} is not an address like s3://bucket/key")
    key = parts.path.lstrip("/")
    if source.get("Key") == "SourceUrl":
        return [(name, parts.netloc, f"{key.rstrip('/')}/{name}".lstrip("/")) for name in files]
    return [(source.get("Name") or key.rpartition("/")[2], parts.netloc, key)]


def _refused(problem: str) -> AwsError:
    return AwsError("InvalidDocumentContent", f"The attachments of the document are not valid: {problem}.")
