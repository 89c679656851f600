"""The least of an HTTP client that speaks JSON: for the API server as administrator, and for etcd."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer: status code and text."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        """The text read as JSON."""
        return json.loads(self.text)


class Rest:
    """One connection that is kept open until the end of the `with`. Not for several threads at once."""

    def __init__(self, url: str, *, token: str = "", ca_pem: str = "", timeout: float = 30) -> None:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._connection: http.client.HTTPConnection
        if address.scheme == "https":
            trust = ssl.create_default_context(cadata=ca_pem)
            self._connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=trust)
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=timeout)

    def ask(self, method: str, path: str, body: object = None, content_type: str = JSON) -> Answer:
        """Send a request. Raises OSError or http.client.HTTPException when there is no answer."""
        content = None if body is None else json.dumps(body)
        headers = self._headers | ({"Content-Type": content_type} if content else {})
        try:
            self._connection.request(method, path, content, headers)
            response = self._connection.getresponse()
            return Answer(status=response.status, text=response.read().decode())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise

    def __enter__(self) -> Rest:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        self._connection.close()
