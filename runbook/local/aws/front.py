"""Where every request comes in: it is read, written down, refused if it shall be, and answered."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from runbook.local.aws import ec2, eks, iam, sts
from runbook.local.aws.account import Account, Operation
from runbook.local.aws.faults import Fault, suffer
from runbook.local.aws.moto_state import NOT_EMBEDDED
from runbook.local.aws.moto_wire import (
    AwsError,
    Call,
    answer,
    not_embedded,
    refuse_malformed,
    request_id,
    result_of,
    scope,
    understand,
)
from runbook.local.aws.principals import become

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

OWN: dict[str, Operation] = {
    f"{service}:{operation}": function
    for service, operations in {
        "ec2": ec2.OPERATIONS, "eks": eks.OPERATIONS, "iam": iam.OPERATIONS, "sts": sts.OPERATIONS,
    }.items()
    for operation, function in operations.items()
}  # fmt: skip
READS = ("Describe", "Get", "List", "Simulate")


class Front:
    """The embedded account as a WSGI application."""

    def __init__(self, account: Account, calls: list[str], faults: dict[str, Fault]) -> None:
        self._account = account
        self._calls = calls
        self._faults = faults

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._respond(environ)(environ, start_response)

    def _respond(self, environ: WSGIEnvironment) -> Response:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        signed = scope(environ)
        if signed is None:
            return _plain("MissingAuthenticationToken", "Missing Authentication Token", 403)
        call = understand(environ | {"wsgi.input": io.BytesIO(body)}, *signed)
        if call is None:
            return _plain("NotEmbedded", "The embedded account does not know this operation.", NOT_EMBEDDED)
        nth = self._calls.count(call.name)
        self._calls.append(call.name)
        unique = request_id(call, nth)
        become(self._account, environ)
        try:
            self._suffer(call)
            return self._answer(call, environ | {"wsgi.input": io.BytesIO(body)}, unique)
        except AwsError as error:
            return answer(call, error, unique)

    def _suffer(self, call: Call) -> None:
        for pattern, fault in self._faults.items():
            if fnmatchcase(call.name, pattern):
                suffer(fault, call, self._account)

    def _answer(self, call: Call, environ: WSGIEnvironment, unique: str) -> Response:
        at_home = call.region == self._account.region or call.service in ("iam", "sts")
        own = OWN.get(call.name)
        if own is not None:
            refuse_malformed(call)
        if own is not None and at_home:
            return answer(call, own(self._account, call.parameters), unique)
        if own is not None and call.service == "eks":
            return answer(call, eks.elsewhere(call.parameters), unique)
        if call.service == "eks":
            raise not_embedded(call.name)
        return self._ask_moto(call, environ, unique)

    def _ask_moto(self, call: Call, environ: WSGIEnvironment, unique: str) -> Response:
        iam.provide_policies(self._account, call.parameters)
        response = self._account.moto.forward(environ, name=call.name, seed=unique)
        if response.status_code >= 400:
            try:
                result_of(call.service, call.operation, response)
            except AwsError as error:
                raise iam.reworded(error, call.parameters) from error
        if not call.operation.startswith(READS):
            self._account.forget_stated(call.parameters)
        return response


def _plain(code: str, message: str, status: int) -> Response:
    """An answer to a request that says neither which service it is for nor how to write to it."""
    body = json.dumps({"__type": code, "message": message})
    return Response(body, status, {"x-amzn-ErrorType": code}, content_type="application/json")
