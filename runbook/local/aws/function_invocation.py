"""lambda:Invoke: a function's code is run as Lambda would, by `runbook.local.functions`."""

from __future__ import annotations

import base64
import json

from runbook.local.aws import principals
from runbook.local.aws.account import Account
from runbook.local.aws.function_state import Function, Functions
from runbook.local.aws.moto_wire import AwsError, Json, not_embedded
from runbook.local.functions import FunctionRuntime

_PAYLOAD_LIMIT = 6 * 1024 * 1024
_LOG_TAIL = 4096


def invoke(account: Account, parameters: Json) -> Json:
    function = account.part(Functions).find(parameters)
    payload = _payload(parameters)
    kind = parameters.get("InvocationType", "RequestResponse")
    if kind == "DryRun":
        return {"StatusCode": 204}
    if kind != "RequestResponse":
        raise not_embedded("lambda:Invoke", f"Neither is the type {kind}; RequestResponse and DryRun are.")
    if function.pending:
        raise AwsError(
            "ResourceConflictException",
            "The operation cannot be performed at this time. The function is currently in the following"
            " state: Pending",
            409,
        )
    done = _runtime(account, function).invoke(payload)
    body, failure = done.payload, done.function_error
    if len(body) > _PAYLOAD_LIMIT:
        body, failure = _too_large(), "Unhandled"
    answer = {"StatusCode": 200, "Payload": body, "ExecutedVersion": "$LATEST"}
    if failure:
        answer["FunctionError"] = failure
    if parameters.get("LogType") == "Tail":
        answer["LogResult"] = base64.b64encode(done.log.encode()[-_LOG_TAIL:]).decode()
    return answer


def _payload(parameters: Json) -> bytes:
    payload: bytes = parameters.get("Payload") or b"{}"
    if len(payload) > _PAYLOAD_LIMIT:
        words = f"Request must be smaller than {_PAYLOAD_LIMIT} bytes for the InvokeFunction operation"
        raise AwsError("RequestTooLargeException", words, 413)
    try:
        json.loads(payload)
    except ValueError as error:
        words = f"Could not parse request body into json: {error}"
        raise AwsError("InvalidRequestContentException", words) from error
    return payload


def _too_large() -> bytes:
    words = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    return json.dumps({"errorMessage": words, "errorType": "Function.ResponseSizeTooLarge"}).encode()


def _runtime(account: Account, function: Function) -> FunctionRuntime:
    """The function's sandbox, started when it is first needed."""
    with function.lock:
        if function.runtime is None:
            told = function.configuration
            function.runtime = FunctionRuntime(
                function.code, told["Handler"], _environment(account, told), told["Timeout"]
            )
        return function.runtime


def _environment(account: Account, told: Json) -> dict[str, str]:
    """The function's own variables and those that Lambda sets, with the keys of its role."""
    name = told["FunctionName"]
    keys = principals.credentials(
        account,
        role=told["Role"],
        session=name,
        assumed_by="lambda.amazonaws.com",
        source=told["FunctionArn"],
    )
    return {
        **told.get("Environment", {}).get("Variables", {}),
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_REGION": account.region,
        "AWS_DEFAULT_REGION": account.region,
        "AWS_ENDPOINT_URL": account.endpoint_url,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(told["MemorySize"]),
        "AWS_LAMBDA_LOG_GROUP_NAME": told["LoggingConfig"]["LogGroup"],
    }
