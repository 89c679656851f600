"""Where every request comes in: it is read, written down, refused if it shall be, and answered."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from runbook.local.aws import access_entries, cloudformation, ec2, eks, events, functions, iam, s3, ssm, sts
from runbook.local.aws.account import Account, Operation
from runbook.local.aws.authorization import authorize
from runbook.local.aws.faults import Fault, suffer, unknown_key
from runbook.local.aws.moto_state import NOT_EMBEDDED, READS
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
        "cloudformation": cloudformation.OPERATIONS, "ec2": ec2.OPERATIONS,
        "eks": eks.OPERATIONS | access_entries.OPERATIONS, "events": events.OPERATIONS,
        "iam": iam.OPERATIONS, "lambda": functions.OPERATIONS, "ssm": ssm.OPERATIONS, "sts": sts.OPERATIONS,
    }.items()
    for operation, function in operations.items()
}  # fmt: skip


class Front:
    """The embedded account as a WSGI application."""

    def __init__(self, account: Account, calls: list[str], faults: dict[str, Fault]) -> None:
        self._account = account
        self._calls = calls
        self._faults = faults
        account.on_event = lambda event: account.part(events.Deliveries).tell(event)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._respond(environ)(environ, start_response)

    def _respond(self, environ: WSGIEnvironment) -> Response:
        environ, body = _whole(environ)
        signed = scope(environ)
        if signed is None:
            return _plain("MissingAuthenticationToken", "Missing Authentication Token", 403)
        environ = s3.path_style(environ) if signed[1] == "s3" else environ
        call = understand(environ | {"wsgi.input": io.BytesIO(body)}, *signed)
        if call is None:
            return _plain("NotEmbedded", "The embedded account does not know this operation.", NOT_EMBEDDED)
        nth = self._calls.count(call.name)
        self._calls.append(call.name)
        unique = request_id(call, nth)
        try:
            if not become(self._account, environ):
                raise unknown_key(call)
            self._suffer(call)
            authorize(self._account, call, OWN)
            return self._answer(call, environ | {"wsgi.input": io.BytesIO(body)}, unique)
        except AwsError as error:
            return answer(call, error, unique)

    def _suffer(self, call: Call) -> None:
        for pattern, fault in list(self._faults.items()):
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
        if call.service in ("cloudformation", "eks", "lambda"):
            raise not_embedded(call.name)
        return self._ask_moto(call, environ, unique)

    def _ask_moto(self, call: Call, environ: WSGIEnvironment, unique: str) -> Response:
        s3.refuse_strangers(self._account, call)
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


def _whole(environ: WSGIEnvironment) -> tuple[WSGIEnvironment, bytes]:
    """A request and its body; one sent in chunks, of a length not known before, is one piece from here on."""
    if not environ.get("wsgi.input_terminated"):
        return environ, environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    body: bytes = environ["wsgi.input"].read()
    plain = {key: value for key, value in environ.items() if key != "HTTP_TRANSFER_ENCODING"}
    return plain | {"CONTENT_LENGTH": str(len(body)), "wsgi.input_terminated": False}, body


def _plain(code: str, message: str, status: int) -> Response:
    """An answer to a request that says neither which service it is for nor how to write to it."""
    body = json.dumps({"__type": code, "message": message})
    return Response(body, status, {"x-amzn-ErrorType": code}, content_type="application/json")
