"""What Lambda refuses before it makes or changes a function."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from runbook.local.aws.account import Account
from runbook.local.aws.authorization import ruling
from runbook.local.aws.cloudformation.clients import as_caller
from runbook.local.aws.moto_wire import AwsError, Json, not_embedded
from runbook.local.aws.trust import refuse_unassumable

_UNZIPPED_LIMIT = 262_144_000
_ENVIRONMENT_LIMIT = 4096
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_BETWEEN = {"Timeout": (1, 900), "MemorySize": (128, 10_240)}
_RESERVED = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|ACCESS_KEY_ID|SECRET_ACCESS_KEY"
    r"|SESSION_TOKEN|LAMBDA_.+)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|TZ"
)
_UNCONFIGURED = (
    "Lambda was unable to configure your environment variables because the environment variables you have"
    " provided"
)


def unfit(words: str) -> AwsError:
    return AwsError("InvalidParameterValueException", words)


def refuse(account: Account, parameters: Json) -> None:
    """Raise AwsError unless a function can be configured so."""
    for name, (least, most) in _BETWEEN.items():
        value = parameters.get(name, least)
        if not least <= value <= most:
            limit = f"less than or equal to {most}" if value > most else f"greater than or equal to {least}"
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value '{value}' at '{name[0].lower()}{name[1:]}' failed to"
                f" satisfy constraint: Member must have value {limit}",
            )
    _environment(parameters.get("Environment", {}).get("Variables", {}))
    if "Role" in parameters:
        refuse_unassumable(account, parameters["Role"], "lambda.amazonaws.com", "")


def refuse_unknown(operation: str, parameters: Json, known: Iterable[str]) -> None:
    """Raise AwsError for a parameter that AWS has and that would be passed over here."""
    if extra := sorted(name for name in parameters if parameters[name] and name not in known):
        raise not_embedded(f"lambda:{operation}", f"Neither is its parameter {extra[0]}.")


def refuse_new(parameters: Json) -> None:
    """Raise AwsError for what only matters when a function is made."""
    name = parameters["FunctionName"]
    if not _NAME.fullmatch(name):
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint:"
            " Member must satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}",
        )
    if parameters.get("PackageType", "Zip") != "Zip":
        raise not_embedded("lambda:CreateFunction", "Neither are images.")
    if not parameters.get("Runtime") or not parameters.get("Handler"):
        raise unfit(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )


def _environment(variables: dict[str, str]) -> None:
    size = sum(len(key.encode()) + len(value.encode()) for key, value in variables.items())
    if size > _ENVIRONMENT_LIMIT:
        raise unfit(f"{_UNCONFIGURED} exceeded the 4KB limit. String measured: {size} bytes")
    if reserved := [key for key in variables if _RESERVED.fullmatch(key)]:
        raise unfit(
            f"{_UNCONFIGURED} contains reserved keys that are currently not supported for modification."
            f" Reserved keys used in this request: {', '.join(reserved)}"
        )


def code_of(account: Account, given: Json) -> bytes:
    """The zip itself, fetched with the caller's rights. Raises AwsError."""
    if "S3Bucket" in given:
        content = _fetched(account, given)
    elif "ZipFile" in given:
        content = given["ZipFile"]
    else:
        raise unfit("Please provide a source for function code.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise unfit(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from error
    if size > _UNZIPPED_LIMIT:
        raise unfit(f"Unzipped size must be smaller than {_UNZIPPED_LIMIT} bytes")
    return content


def _fetched(account: Account, given: Json) -> bytes:
    bucket, key = given["S3Bucket"], given["S3Key"]
    version = {"VersionId": given["S3ObjectVersion"]} if "S3ObjectVersion" in given else {}
    try:
        content: bytes = as_caller(account)("s3", "GetObject", Bucket=bucket, Key=key, **version)[
            "Body"
        ].read()
    except ClientError as error:
        found = error.response["Error"]
        told = f"S3 Error Code: {found['Code']}. S3 Error Message: {found['Message']}"
        if found["Code"] == "AccessDenied":
            raise AwsError(
                "AccessDeniedException",
                "Your access has been denied by S3, please make sure your request credentials have permission"
                f" to GetObject for {bucket}/{key}. {told}",
                403,
            ) from error
        raise unfit(f"Error occurred while GetObject. {told}") from error
    return content


def network_of(account: Account, wanted: Json, role: str) -> Json:
    """The VpcConfig with its VPC; empty where the function is not to be attached. Raises AwsError."""
    subnets, groups = wanted.get("SubnetIds", []), wanted.get("SecurityGroupIds", [])
    if not subnets and not groups:
        return {}
    if not subnets or not groups:
        raise unfit("SubnetIds and SecurityIds must coexist or be both empty list.")
    ask = as_caller(account)
    found = _described(ask, "DescribeSubnets", SubnetIds=subnets)["Subnets"]
    _described(ask, "DescribeSecurityGroups", GroupIds=groups)
    vpcs = {subnet["VpcId"] for subnet in found}
    if len(vpcs) > 1:
        raise unfit("SubnetIds must be in the same VPC.")
    if ruling(account, role, "ec2:CreateNetworkInterface", "*", {}).decision != "allowed":
        raise unfit(
            "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
        )
    return {"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": vpcs.pop()}


def _described(ask: Any, operation: str, **ids: list[str]) -> Json:
    try:
        answer: Json = ask("ec2", operation, **ids)
    except ClientError as error:
        found = error.response["Error"]
        told = f"EC2 Error Code: {found['Code']}. EC2 Error Message: {found['Message']}"
        if found["Code"] == "UnauthorizedOperation":
            asked = ", ".join(next(iter(ids.values())))
            raise AwsError(
                "AccessDeniedException",
                "Your access has been denied by EC2, please make sure your request credentials have"
                f" permission to {operation} for {asked}. {told}",
                403,
            ) from error
        raise unfit(f"Error occurred while {operation}. {told}") from error
    return answer
