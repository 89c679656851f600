"""The run's place in the report bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from runbook.deployed.event import Event
from runbook.wording import said_by

READS = ("s3:GetObject", "s3:ListObjectsV2")
WRITES = ("s3:PutObject",)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".gz": "application/gzip",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".log": "text/plain; charset=utf-8",
}
_THREADS = 8


class StoreError(Exception):
    """S3 did not take or give; the message is one sentence."""


class Store:
    """Everything below one prefix of a bucket that belongs to one account."""

    def __init__(self, client: Any, *, bucket: str, owner: str, prefix: str) -> None:
        """`client` is boto3's for S3; `owner` the id of the account to which the bucket must belong."""
        self._client = client
        self._bucket = {"Bucket": bucket, "ExpectedBucketOwner": owner}
        self._prefix = prefix

    def address(self, name: str) -> str:
        """`s3://bucket/prefix/name`."""
        return f"s3://{self._bucket['Bucket']}/{self._prefix}{name}"

    def write(self, files: dict[str, bytes]) -> None:
        """Write files by their names, several at once. Raises StoreError."""
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda item: self._put(*item), files.items()))

    def read(self, name: str) -> bytes:
        """One file. Raises StoreError."""
        body = self._try("get_object", Key=self._prefix + name)["Body"]
        try:
            return bytes(body.read())
        except BotoCoreError as error:
            raise StoreError(f"{self.address(name)} was not read: {said_by(error)}") from None

    def read_all(self, folder: str) -> dict[str, bytes]:
        """All files of a folder by name, in the order of their names. Raises StoreError."""
        listed = self._try("list_objects_v2", Prefix=self._prefix + folder)
        names = sorted(entry["Key"].removeprefix(self._prefix) for entry in listed.get("Contents", ()))
        with ThreadPoolExecutor(_THREADS) as pool:
            return dict(zip(names, pool.map(self.read, names), strict=True))

    def _put(self, name: str, content: bytes) -> None:
        kind = _TYPES["." + name.rpartition(".")[2]]
        self._try("put_object", Key=self._prefix + name, Body=content, ContentType=kind)

    def _try(self, operation: str, **parameters: Any) -> Any:
        try:
            return getattr(self._client, operation)(**self._bucket, **parameters)
        except (BotoCoreError, ClientError) as error:
            bucket = self._bucket["Bucket"]
            raise StoreError(f"bucket {bucket} cannot be used: {said_by(error)}") from None


def store_of(event: Event, session: Any) -> Store:
    """The place of a step's run. `session` is a boto3.Session."""
    deployment = event.deployment
    # A bucket that answers slowly must not cost the report, which the outputs have too.
    patience = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
    client = session.client("s3", config=patience)
    return Store(client, bucket=deployment.bucket, owner=deployment.account, prefix=event.prefix)
