"""Lambda's operations on functions: made, changed, told."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import time
import uuid

from runbook.local.aws.account import Account, Operation
from runbook.local.aws.function_invocation import invoke
from runbook.local.aws.function_requests import code_of, network_of, refuse, refuse_new, refuse_unknown
from runbook.local.aws.function_state import Function, Functions
from runbook.local.aws.moto_wire import AwsError, Json

#: Seconds until a network interface is there. In AWS it can be minutes.
_ATTACHING = 0.2
_CHANGEABLE = (
    "Description", "Environment", "EphemeralStorage", "Handler", "LoggingConfig", "MemorySize", "Role",
    "Runtime", "Timeout", "VpcConfig",
)  # fmt: skip
_GIVEN = ("Architectures", "Code", "FunctionName", "PackageType", "Tags", *_CHANGEABLE)


def create_function(account: Account, parameters: Json) -> Json:
    functions, name = account.part(Functions), parameters["FunctionName"]
    refuse_unknown("CreateFunction", parameters, _GIVEN)
    refuse_new(parameters)
    if name in functions.all:
        raise AwsError("ResourceConflictException", f"Function already exist: {name}", 409)
    refuse(account, parameters)
    code = code_of(account, parameters["Code"])
    network = network_of(account, parameters.get("VpcConfig", {}), parameters["Role"])
    function = Function(
        configuration=_configuration(functions.arn(name), parameters, network),
        code=code,
        tags=dict(parameters.get("Tags", {})),
        ready=time.monotonic() + (_ATTACHING if network else 0),
    )
    _stamp(function)
    functions.all[name] = function
    return _told(function)


def _configuration(arn: str, parameters: Json, network: Json) -> Json:
    """What was asked for, and Lambda's value of what was not."""
    given = {key: parameters[key] for key in _CHANGEABLE if key in parameters}
    name = parameters["FunctionName"]
    return {
        "FunctionName": name,
        "FunctionArn": arn,
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "Version": "$LATEST",
        "PackageType": "Zip",
        "Architectures": parameters.get("Architectures", ["x86_64"]),
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        **given,
        "LoggingConfig": _logging(name, given),
        "VpcConfig": network,
    }


def _logging(name: str, given: Json) -> Json:
    return {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **given.get("LoggingConfig", {})}


def _stamp(function: Function) -> None:
    """What every change changes."""
    digest = base64.b64encode(hashlib.sha256(function.code).digest()).decode()
    text = json.dumps(function.configuration, sort_keys=True)
    function.configuration |= {
        "CodeSha256": digest,
        "CodeSize": len(function.code),
        "LastModified": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "RevisionId": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{digest} {text}")),
    }


def _told(function: Function) -> Json:
    if function.pending:
        state: Json = {
            "State": "Pending",
            "StateReason": "The function is being created.",
            "StateReasonCode": "Creating",
        }
    else:
        state = {"State": "Active"}
    return {**function.configuration, **state, "LastUpdateStatus": "Successful"}


def get_function_configuration(account: Account, parameters: Json) -> Json:
    return _told(account.part(Functions).find(parameters))


def get_function(account: Account, parameters: Json) -> Json:
    function = account.part(Functions).find(parameters)
    tags = {"Tags": dict(function.tags)} if function.tags else {}
    return {"Configuration": _told(function), "Code": {"RepositoryType": "S3"}, **tags}


def list_functions(account: Account, parameters: Json) -> Json:
    names = sorted(account.part(Functions).all)
    start = int(parameters.get("Marker") or 0)
    end = start + int(parameters.get("MaxItems") or 50)
    more = {"NextMarker": str(end)} if end < len(names) else {}
    return {"Functions": [_told(account.part(Functions).all[name]) for name in names[start:end]], **more}


def delete_function(account: Account, parameters: Json) -> Json:
    functions = account.part(Functions)
    function = functions.find(parameters)
    del functions.all[function.configuration["FunctionName"]]
    function.stop()
    return {"StatusCode": 204}


def update_function_configuration(account: Account, parameters: Json) -> Json:
    function = account.part(Functions).find(parameters)
    refuse_unknown("UpdateFunctionConfiguration", parameters, _GIVEN)
    refuse(account, parameters)
    given = {key: parameters[key] for key in _CHANGEABLE if key in parameters}
    if "LoggingConfig" in given:
        given["LoggingConfig"] = _logging(function.configuration["FunctionName"], given)
    if "VpcConfig" in given:
        role = str(given.get("Role", function.configuration["Role"]))
        given["VpcConfig"] = network_of(account, given["VpcConfig"], role)
    function.configuration |= given
    _stamp(function)
    function.stop()
    return _told(function)


def update_function_code(account: Account, parameters: Json) -> Json:
    function = account.part(Functions).find(parameters)
    function.code = code_of(account, parameters)
    if "Architectures" in parameters:
        function.configuration["Architectures"] = parameters["Architectures"]
    _stamp(function)
    function.stop()
    return _told(function)


def list_tags(account: Account, parameters: Json) -> Json:
    return {"Tags": dict(account.part(Functions).find(parameters, "Resource").tags)}


def tag_resource(account: Account, parameters: Json) -> Json:
    account.part(Functions).find(parameters, "Resource").tags.update(parameters["Tags"])
    return {}


def untag_resource(account: Account, parameters: Json) -> Json:
    tags = account.part(Functions).find(parameters, "Resource").tags
    for key in parameters["TagKeys"]:
        tags.pop(key, None)
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateFunction": create_function,
    "DeleteFunction": delete_function,
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "Invoke": invoke,
    "ListFunctions": list_functions,
    "ListTags": list_tags,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
}
