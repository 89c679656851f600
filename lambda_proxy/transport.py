"""The one GET that leaves: through the official client's connection pool, never its typed models."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from lambda_proxy.messages import Response, TransportError

if TYPE_CHECKING:
    from kubernetes.client import Configuration


#: Of one response, a page of a list at most; the function has 512 MB for eight of them at a time.
MOST_BYTES = 32_000_000
_PIECE = 65_536


class ClientTransport:
    """GETs below the one host that a kubernetes.client.Configuration names; follows no redirect."""

    def __init__(self, configuration: Configuration, renew: Callable[[], None] | None = None) -> None:
        """`renew` gives the configuration a fresh token; it is tried once when the token is refused."""
        from kubernetes.client.api_client import ApiClient

        self._configuration = configuration
        self._renew = renew
        self._renewing = Lock()
        self._fresh = False
        self._pool = ApiClient(configuration).rest_client.pool_manager

    def __call__(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], timeout: float
    ) -> Response:
        """One GET, a second one with a fresh token after 401. Raises TransportError when no answer came."""
        answer = self._get(path, query, headers, timeout)
        if answer.status != HTTPStatus.UNAUTHORIZED or not self._renewed():
            return answer
        return self._get(path, query, headers, timeout)

    def _renewed(self) -> bool:
        """Renew the token, once for all threads; false when that is not, or no more, possible."""
        with self._renewing:
            renew, self._renew = self._renew, None
            if renew:
                renew()
                self._fresh = True
            return self._fresh

    def _get(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], timeout: float
    ) -> Response:
        from urllib3 import exceptions

        until = time.monotonic() + timeout
        address = f"{self._configuration.host.rstrip('/')}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            answer = self._pool.request(
                "GET",
                address,
                headers={**headers, **self._authorization()},
                timeout=timeout,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            body = _read(answer, until, timeout)
        except exceptions.SSLError as error:
            raise TransportError(
                "certificate", f"the API server's certificate is not trusted: {error}"
            ) from None
        except exceptions.NewConnectionError as error:
            raise TransportError(
                "unreachable", f"the API server cannot be reached: {_cause(error)}"
            ) from None
        except exceptions.TimeoutError:
            raise TransportError("timeout", f"the API server did not answer within {timeout:g} s") from None
        except (ValueError, UnicodeError) as error:  # a token or an address that HTTP cannot carry
            raise TransportError("unreachable", f"no request can be made: {type(error).__name__}") from None
        except exceptions.HTTPError as error:
            raise TransportError("unreachable", f"the connection to the API server failed: {error}") from None
        return Response(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=body,
        )

    def _authorization(self) -> dict[str, str]:
        settings: Any = self._configuration.auth_settings().values()
        return {s["key"]: s["value"].strip() for s in settings if s["in"] == "header" and s["value"]}


def _read(answer: Any, until: float, timeout: float) -> bytes:
    """The whole body. urllib3's time limit is for each read: a server that drips would never be late."""
    body = bytearray()
    while piece := answer.read1(_PIECE):
        body += piece
        if len(body) > MOST_BYTES:
            answer.close()
            message = f"the API server's answer is larger than {MOST_BYTES:,} bytes"
            raise TransportError("unreachable", message)
        if time.monotonic() > until:
            answer.close()
            raise TransportError("timeout", f"the API server's answer was not complete within {timeout:g} s")
    answer.release_conn()
    return bytes(body)


def _cause(error: Exception) -> str:
    """urllib3's message without the name of its object."""
    return str(error).rpartition(": ")[2]
