"""The AWS port: any botocore operation by its IAM-like name, such as `iam:GetRole`."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lambda_proxy.core import project
from lambda_proxy.redact import redact, redact_text
from runbook.ports.asking import Asker
from runbook.recording import Answer, Outcome, Request

_THREADS = 6
_ODD = (ValueError, TypeError, AttributeError, LookupError, OSError, EOFError)

#: Error codes by which AWS services say that a thing does not exist.
_ABSENT = re.compile(r"NotFound(Exception|Fault)?$|^NoSuch")
_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess"})
#: The credentials themselves are refused: no other question will fare better.
_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)


class Aws:
    """What evidence asks the account."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def call(
        self, operation: str, *, fields: Sequence[str], **parameters: Any
    ) -> dict[str, Any] | None:
        """The answer of an operation ("iam:GetRole"), all its pages, projected to `fields`.

        None when the service says that what was asked for does not exist. Raises Unavailable.
        """
        request = Request(port="aws", operation=operation, parameters=parameters, fields=tuple(fields))
        answer = await self._asker.ask(request)
        return project(answer.body, fields) if answer.outcome == "ok" else None


class BotoSource:
    """Asks through boto3, in a few threads."""

    def __init__(self, session: Any, *, endpoint_url: str | None = None) -> None:
        """`session` is a boto3.Session."""
        self._session = session
        self._endpoint_url = endpoint_url
        self._silent: Answer | None = None
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="aws")
        self._unreachable = ""
        self._answered = False
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()

    async def ask(self, request: Request) -> Answer:
        """Call the operation; after refused credentials, or nobody there, answer that without asking."""
        if self._silent is not None:
            return self._silent
        answer = await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, request)
        self._answered |= answer.outcome in ("ok", "absent", "refused")
        if answer.outcome == "unauthorized" or (self._unreachable and not self._answered):
            self._silent = answer
        return answer

    def _ask(self, request: Request) -> Answer:
        from botocore import exceptions

        try:
            return Answer(outcome="ok", body=redact(_plain(project(self._call(request), request.fields))))
        except exceptions.ClientError as error:
            return _understand(request, error.response["Error"])
        except (
            exceptions.NoCredentialsError,
            exceptions.CredentialRetrievalError,
            exceptions.TokenRetrievalError,
        ):
            return Answer(outcome="unauthorized", message="no AWS credentials were found")
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
            self._unreachable = redact_text(f"{request.operation}: {error}")
            return Answer(outcome="failed", message=self._unreachable)
        # What comes back, or what the configuration starts to get credentials, may be anything at all.
        except (exceptions.BotoCoreError, *_ODD) as error:
            said = f"{request.operation}: {type(error).__name__}: {error}"
            return Answer(outcome="failed", message=redact_text(said))

    def _call(self, request: Request) -> dict[str, Any]:
        from botocore import xform_name

        service, _, operation = request.operation.partition(":")
        client, method = self._client(service), xform_name(operation)
        if client.can_paginate(method):
            return dict(client.get_paginator(method).paginate(**request.parameters).build_full_result())
        return dict(getattr(client, method)(**request.parameters))

    def _client(self, service: str) -> Any:
        from botocore.config import Config

        config = Config(
            connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
        )
        # A session is not safe to make clients from several threads; a client is safe to share.
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._session.client(
                    service, endpoint_url=self._endpoint_url, config=config
                )
            return self._clients[service]


def _understand(request: Request, error: Mapping[str, Any]) -> Answer:
    code, message = str(error.get("Code", "")), redact_text(str(error.get("Message", "")))
    outcome: Outcome = "failed"
    if _ABSENT.search(code):
        outcome = "absent"
    elif code in _REFUSED:
        outcome = "refused"
    elif code in _CREDENTIALS:
        outcome = "unauthorized"
    return Answer(outcome=outcome, message=f"{request.operation} answered {code}: {message}")


def _plain(answer: Any) -> Any:
    """The answer as JSON holds it: times as ISO 8601."""
    return json.loads(json.dumps(answer, default=lambda value: value.isoformat()))
