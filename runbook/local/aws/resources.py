"""What a call asks for, as IAM sees it: actions, and the ARNs that follow from its parameters.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from runbook.iam.actions import action
from runbook.local.aws.moto_wire import AwsError, Call, Json

if TYPE_CHECKING:
    from runbook.local.aws.account import Account

# Beyond the exceptions that the runbooks' own calls meet: operations that only others make.
_ACTIONS = {
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:UploadPart": "s3:PutObject",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
# Of the rows that fit an operation, and whose names are all among its parameters, the first counts. A row
# that does not begin with arn: is completed by partition, service, Region and account.
_RESOURCES = (
    ("s3:ListBuckets", "*"),
    ("s3:*", "arn:{partition}:s3:::{Bucket}/{Key}"),
    ("s3:*", "arn:{partition}:s3:::{Bucket}"),
    ("cloudformation:*", "stack/{StackName}/*"),
    ("lambda:*", "function:{FunctionName}"),
    ("eks:*", "addon/{clusterName}/{addonName}/*"),
    ("eks:*", "nodegroup/{clusterName}/{nodegroupName}/*"),
    ("eks:*", "fargateprofile/{clusterName}/{fargateProfileName}/*"),
    ("eks:*", "podidentityassociation/{clusterName}/{associationId}"),
    ("eks:*", "access-entry/{clusterName}/{principal}/*"),
    ("eks:*", "cluster/{clusterName}"),
    ("eks:*", "cluster/{name}"),
    ("eks:ListClusters", "cluster/*"),
    ("iam:*InstanceProfile", "arn:{partition}:iam::{account}:instance-profile/{InstanceProfileName}"),
    ("iam:*", "{role}"),
    ("iam:*", "{PolicyArn}"),
    ("iam:*", "{OpenIDConnectProviderArn}"),
    ("iam:*", "{PolicySourceArn}"),
    ("iam:ListOpenIDConnectProviders", "arn:{partition}:iam::{account}:oidc-provider/*"),
    ("ssm:*Document*", "document/{Name}"),
    ("ssm:*Automation*", "automation-execution/{AutomationExecutionId}"),
    ("ssm:*Tags*", "{tagged}/{ResourceId}"),
    ("ssm:*Parameter*", "parameter/{Name}"),
    ("logs:*", "log-group:{logGroupName}:log-stream:{logStreamName}"),
    # What follows the group is there also where the call names no stream.
    ("logs:*", "log-group:{logGroupName}:log-stream:"),
    ("events:*", "rule/{Rule}"),
    ("events:*Rule", "rule/{Name}"),
    ("events:PutEvents", "event-bus/default"),
    ("sqs:*", "{queue}"),
    ("sqs:CreateQueue", "{QueueName}"),
)
_TAGGED = {"Automation": "automation-execution", "Document": "document", "Parameter": "parameter"}
_PREFIXES = {"elbv2": "elasticloadbalancing"}
# Operations that pass a role on: the parameter that names it and the service that gets it.
_PASSED = {
    "cloudformation:CreateStack": ("RoleARN", "cloudformation.amazonaws.com"),
    "cloudformation:UpdateStack": ("RoleARN", "cloudformation.amazonaws.com"),
    "cloudformation:DeleteStack": ("RoleARN", "cloudformation.amazonaws.com"),
    "cloudformation:CreateChangeSet": ("RoleARN", "cloudformation.amazonaws.com"),
    "lambda:CreateFunction": ("Role", "lambda.amazonaws.com"),
    "lambda:UpdateFunctionConfiguration": ("Role", "lambda.amazonaws.com"),
}


def asked_of(account: Account, call: Call) -> list[tuple[str, str]]:
    """The action with each resource on which a caller must be allowed it."""
    match call.name, call.parameters:
        case "ssm:StartAutomationExecution", {"DocumentName": document}:
            resources = _started(account, call, document)
        case "ssm:GetParameters", {"Names": names}:
            resources = [f"{_prefix(account, call)}parameter/{name.lstrip('/')}" for name in names]
        case "s3:DeleteObjects", {"Bucket": bucket, "Delete": {"Objects": objects}}:
            resources = [f"arn:{account.partition}:s3:::{bucket}/{one['Key']}" for one in objects]
        case _:
            resources = [_resource(account, call)]
    asked = [(action_of(call), resource) for resource in resources]
    return asked + [(f"{call.service}:{more}", resources[0]) for more in _besides(call)]


def _besides(call: Call) -> Iterator[str]:
    """Actions that AWS asks for beside the operation's own."""
    if call.name in ("cloudformation:CreateStack", "lambda:CreateFunction") and call.parameters.get("Tags"):
        yield "TagResource"
    if call.name == "cloudformation:DescribeStacks" and "StackName" not in call.parameters:
        yield "ListStacks"


def action_of(call: Call) -> str:
    """The IAM action of an operation."""
    if call.name == "s3:GetObject" and call.parameters.get("VersionId"):
        return "s3:GetObjectVersion"
    prefix = _PREFIXES.get(call.service, call.service)
    return _ACTIONS.get(call.name) or action(f"{prefix}:{call.operation}")


def passed(call: Call) -> Iterator[tuple[str, str]]:
    """ARNs of roles that a call passes on, each with the service that is to have it."""
    if call.name in _PASSED:
        parameter, service = _PASSED[call.name]
        if role := call.parameters.get(parameter):
            yield role, service
    elif call.name == "ssm:StartAutomationExecution":
        for role in call.parameters.get("Parameters", {}).get("AutomationAssumeRole", []):
            if role.startswith("arn:"):
                yield role, "ssm.amazonaws.com"
    elif call.name == "events:PutTargets":
        for target in call.parameters["Targets"]:
            if role := target.get("RoleArn"):
                yield role, "events.amazonaws.com"


def _started(account: Account, call: Call, document: str) -> list[str]:
    """The reference names document and execution; older accounts are asked for the definition."""
    name = document.rpartition("/")[2]
    version = call.parameters.get("DocumentVersion", "$DEFAULT")
    prefix = _prefix(account, call)
    return [
        f"{prefix}automation-definition/{name}:{version}",
        f"{prefix}document/{name}",
        f"{prefix}automation-execution/*",
    ]


def _prefix(account: Account, call: Call) -> str:
    return f"arn:{account.partition}:{call.service}:{call.region}:{account.id}:"


def _resource(account: Account, call: Call) -> str:
    known = _known(account, call.parameters)
    for operations, row in _RESOURCES:
        names = re.findall(r"\{(\w+)\}", row)
        if not fnmatchcase(call.name, operations) or not all(known.get(name) for name in names):
            continue
        if names and known[names[-1]].startswith("arn:"):
            return known[names[-1]]
        filled = row.format(**known)
        return filled if filled == "*" or filled.startswith("arn:") else _prefix(account, call) + filled
    return "*"


def _known(account: Account, parameters: Json) -> dict[str, str]:
    """The call's parameters, and what ARNs are made of besides."""
    known = {key: value.lstrip("/") for key, value in parameters.items() if isinstance(value, str)}
    known |= {key: parameters[key] for key in ("logGroupName", "Key") if key in parameters}
    known |= {"partition": account.partition, "account": account.id}
    match parameters:
        case {"RoleName": name}:
            known["role"] = _role(account, name)
        case {"QueueUrl": url}:
            known["queue"] = url.rpartition("/")[2]
        case {"ResourceType": kind} if kind in _TAGGED:
            known["tagged"] = _TAGGED[kind]
        case {"principalArn": arn}:
            known["principal"] = _principal(arn)
    return known


def _role(account: Account, name: str) -> str:
    """Only IAM knows a role's path; one that is not there has none."""
    try:
        return str(account.ask("iam", "GetRole", RoleName=name)["Role"]["Arn"])
    except AwsError:
        return f"arn:{account.partition}:iam::{account.id}:role/{name}"


def _principal(arn: str) -> str:
    """`role/111122223333/name`, as ARNs of access entries have it."""
    owner, _, path = arn.removeprefix("arn:").partition(":iam::")[2].partition(":")
    return f"{path.partition('/')[0]}/{owner}/{path.rpartition('/')[2]}"
