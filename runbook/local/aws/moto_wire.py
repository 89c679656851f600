"""How a request is read and an answer written: moto's and botocore's own parts, and nothing of ours.

The only other file that touches moto is `moto_state.py`. moto's version is pinned for the sake of both, and
each part that they use has a contract test.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from botocore.awsrequest import HeadersDict
from botocore.exceptions import UnknownServiceError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from moto.core.model import OperationModel

Json = dict[str, Any]

_CREDENTIAL = re.compile(r"([^/=\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
# Services that sign with another name than that of their model.
_SIGNED_AS = {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2"}


class AwsError(ServiceException):
    """An error as AWS answers it: code, words, HTTP status, and headers where they tell more."""

    def __init__(
        self, code: str, message: str, status: int = 400, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code, message)
        self.status = status
        self.headers = dict(headers or {})


def not_embedded(name: str, detail: str = "") -> AwsError:
    """The one answer to what the embedded account cannot do."""
    return AwsError("NotEmbedded", f"{name} is not part of the embedded account. {detail}".strip(), 501)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, understood. Parameters are named as boto3 names them."""

    service: str
    region: str
    parameters: Json
    model: OperationModel
    protocol: str

    @property
    def operation(self) -> str:
        return str(self.model.name)

    @property
    def name(self) -> str:
        """`iam:GetRole`."""
        return f"{self.service}:{self.operation}"


def scope(environ: WSGIEnvironment) -> tuple[str, str] | None:
    """Region and service for which a request was signed, in its header or (presigned) in its address."""
    signed = environ.get("HTTP_AUTHORIZATION") or unquote(environ.get("QUERY_STRING", ""))
    found = _CREDENTIAL.search(signed)
    return (found[2], _SIGNED_AS.get(found[3], found[3])) if found else None


def understand(environ: WSGIEnvironment, region: str, service: str) -> Call | None:
    """The call that a request makes; None for a service, an operation or a wire format unknown here."""
    request = Request(environ)
    try:
        service_model = get_service_model(service)
        model, uri_parameters = get_service_router(service).match(request)
        protocol = determine_request_protocol(service_model, request.content_type)
    except (UnknownServiceError, NotFound, NotImplementedError):
        return None
    parameters = PROTOCOL_PARSERS[protocol](model).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": uri_parameters,
        }
    )
    return Call(service=service, region=region, parameters=parameters, model=model, protocol=protocol)


def refuse_malformed(call: Call) -> None:
    """Raise AwsError when parameters are missing or of the wrong kind; clients like boto3 never send such."""
    shape = call.model.input_shape
    report = ParamValidator().validate(call.parameters, shape) if shape else None
    if report and report.has_errors():
        raise AwsError("ValidationError", report.generate_report())


def answer(call: Call, result: Json | AwsError, request_id: str) -> Response:
    """A result or an error, written in the call's own wire format."""
    if isinstance(result, AwsError) and result.code not in COMMON_ERROR_CODES:
        COMMON_ERROR_CODES.append(result.code)  # moto warns of codes that the service's model does not list
    serializer = get_serializer_class(call.service, call.protocol)
    written = serializer(call.model, context=SerializationContext(request_id)).serialize(result)
    status = result.status if isinstance(result, AwsError) else _status(call, result, written["status_code"])
    more = result.headers if isinstance(result, AwsError) else {}
    headers = dict(written["headers"], **more, **{"x-amzn-RequestId": request_id})
    return Response(written["body"], status=status, headers=headers)


def _status(call: Call, result: Json, usual: int) -> int:
    """The HTTP status; a few operations answer with another than the usual one (lambda:Invoke)."""
    shape = call.model.output_shape
    members = shape.members if shape is not None else {}
    told = [name for name, one in members.items() if one.serialization.get("location") == "statusCode"]
    return int(result.get(told[0], usual)) if told else usual


def request_id(call: Call, nth: int) -> str:
    """The same for the same question asked for the nth time, in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{call.region} {call.name} {call.parameters} {nth}"))


def environ_of(service: str, operation: str, parameters: Json, region: str) -> WSGIEnvironment:
    """The request that a client would send. Raises botocore's ParamValidationError."""
    model = get_service_model(service).operation_model(operation)
    request = create_serializer(model.service_model.protocol).serialize_to_request(parameters, model)
    body, headers = request["body"], dict(request["headers"])
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=EMBEDDED/20260101/{region}/{service}/aws4_request"
    )
    path, _, fixed = request["url_path"].partition("?")  # S3 has operations that only the query tells apart
    builder = EnvironBuilder(
        path=path,
        query_string="&".join(filter(None, (fixed, urlencode(request["query_string"], doseq=True)))),
        method=request["method"],
        headers=headers,
        data=urlencode(body).encode() if isinstance(body, dict) else body,
    )
    return builder.get_environ()


def result_of(service: str, operation: str, response: Response) -> Json:
    """What a client would read from an answer. Raises AwsError."""
    model = get_service_model(service).operation_model(operation)
    status = response.status_code
    raw = {"status_code": status, "headers": HeadersDict(response.headers), "body": response.get_data()}
    parsed: Json = create_parser(model.service_model.protocol).parse(raw, model.output_shape)
    if status >= 300:
        raise AwsError(parsed["Error"]["Code"], parsed["Error"]["Message"], status)
    del parsed["ResponseMetadata"]
    return parsed
