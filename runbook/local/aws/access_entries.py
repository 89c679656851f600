"""EKS access entries: who may use the cluster. Here they can be made, changed and taken away."""

from __future__ import annotations

import re

from runbook.local.aws import iam
from runbook.local.aws.account import Account, Operation, page
from runbook.local.aws.eks import cluster_of, not_found
from runbook.local.aws.moto_wire import AwsError, Json

_TYPES = ("EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "STANDARD")
_POLICIES = (
    "AmazonEKSAdminPolicy", "AmazonEKSAdminViewPolicy", "AmazonEKSClusterAdminPolicy", "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)  # fmt: skip


def _entries(account: Account, parameters: Json) -> Json:
    mode = cluster_of(account, parameters["clusterName"]).get("accessConfig", {}).get("authenticationMode")
    if mode == "CONFIG_MAP":
        raise AwsError(
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform"
            " this operation.",
        )
    entries: Json = account.state.setdefault("accessEntries", {})
    return entries


def _entry(account: Account, parameters: Json) -> Json:
    entry: Json | None = _entries(account, parameters).get(parameters["principalArn"])
    if entry is None:
        raise not_found(
            "The specified principalArn could not be found. You can view your available access entries with"
            " 'list-access-entries'."
        )
    return entry


def list_access_entries(account: Account, parameters: Json) -> Json:
    policy = parameters.get("associatedPolicyArn")
    found = [
        principal
        for principal, entry in sorted(_entries(account, parameters).items())
        if policy is None or policy in [one["policyArn"] for one in entry.get("associatedAccessPolicies", [])]
    ]
    return page(found, parameters, "accessEntries")


def describe_access_entry(account: Account, parameters: Json) -> Json:
    return {"accessEntry": _entry(account, parameters)}


def list_associated_access_policies(account: Account, parameters: Json) -> Json:
    policies = _entry(account, parameters).get("associatedAccessPolicies", [])
    named = {key: parameters[key] for key in ("clusterName", "principalArn")}
    return named | page(policies, parameters, "associatedAccessPolicies")


def create_access_entry(account: Account, parameters: Json) -> Json:
    entries, principal = _entries(account, parameters), parameters["principalArn"]
    if principal in entries:
        words = "The specified access entry resource is already in use on this cluster."
        raise AwsError("ResourceInUseException", words, 409)
    kind = parameters.get("type", "STANDARD")
    groups = parameters.get("kubernetesGroups", [])
    _refuse(account, principal, kind, groups)
    cluster, number = parameters["clusterName"], len(entries) + 1
    name = principal.partition(":iam::")[2].partition(":")[2]
    prefix = f"arn:{account.partition}:eks:{account.region}:{account.id}:access-entry"
    entries[principal] = {
        "clusterName": cluster,
        "principalArn": principal,
        "kubernetesGroups": list(groups),
        "accessEntryArn": f"{prefix}/{cluster}/{name}/{number:032x}",
        "createdAt": account.created,
        "modifiedAt": account.created,
        "tags": dict(parameters.get("tags", {})),
        "username": parameters.get("username") or _username(principal),
        "type": kind,
        "associatedAccessPolicies": [],
    }
    return {"accessEntry": entries[principal]}


def _refuse(account: Account, principal: str, kind: str, groups: list[str]) -> None:
    """Raise AwsError for an entry that EKS would not make."""
    invalid = "The specified principalArn is invalid: invalid principal."
    if not re.fullmatch(rf"arn:{account.partition}:iam::\d{{12}}:(role|user)/.+", principal):
        raise AwsError("InvalidParameterException", invalid)
    if principal.startswith(f"arn:{account.partition}:iam::{account.id}:role/"):
        try:
            iam.role_of(account, principal)
        except AwsError as error:
            raise AwsError("InvalidParameterException", invalid) from error
    if kind not in _TYPES:
        raise AwsError("InvalidParameterException", f"The specified type {kind} is not supported.")
    if reserved := [group for group in groups if group.startswith(("system:", "eks:", "aws:", "amazon:"))]:
        raise AwsError("InvalidParameterException", f"The kubernetes group name {reserved[0]} is invalid.")


def _username(principal: str) -> str:
    """What Kubernetes calls whoever uses the principal, unless told otherwise."""
    account, _, name = principal.partition(":iam::")[2].partition(":role/")
    if not name:
        return principal
    partition = principal.split(":")[1]
    return f"arn:{partition}:sts::{account}:assumed-role/{name.rpartition('/')[2]}/{{{{SessionName}}}}"


def update_access_entry(account: Account, parameters: Json) -> Json:
    entry = _entry(account, parameters)
    groups = list({**entry, **parameters}["kubernetesGroups"])
    _refuse(account, parameters["principalArn"], entry["type"], groups)
    entry["kubernetesGroups"] = groups
    entry["username"] = parameters.get("username", entry["username"])
    return {"accessEntry": entry}


def delete_access_entry(account: Account, parameters: Json) -> Json:
    _entry(account, parameters)
    del _entries(account, parameters)[parameters["principalArn"]]
    return {}


def associate_access_policy(account: Account, parameters: Json) -> Json:
    entry, arn, scope = _entry(account, parameters), parameters["policyArn"], parameters["accessScope"]
    known = [f"arn:{account.partition}:eks::aws:cluster-access-policy/{name}" for name in _POLICIES]
    if arn not in known:
        raise AwsError("InvalidParameterException", f"The policyArn {arn} is not valid.")
    if scope["type"] == "namespace" and not scope.get("namespaces"):
        words = "Namespaces must be specified for access scope type namespace."
        raise AwsError("InvalidParameterException", words)
    others = [one for one in entry.get("associatedAccessPolicies", []) if one["policyArn"] != arn]
    associated = {
        "policyArn": arn,
        "accessScope": {"namespaces": [], **scope},
        "associatedAt": account.created,
        "modifiedAt": account.created,
    }
    entry["associatedAccessPolicies"] = [*others, associated]
    named = {key: parameters[key] for key in ("clusterName", "principalArn")}
    return {**named, "associatedAccessPolicy": associated}


def disassociate_access_policy(account: Account, parameters: Json) -> Json:
    entry, arn = _entry(account, parameters), parameters["policyArn"]
    policies = entry.get("associatedAccessPolicies", [])
    if arn not in [one["policyArn"] for one in policies]:
        raise not_found(f"The specified policyArn could not be found: {arn}")
    entry["associatedAccessPolicies"] = [one for one in policies if one["policyArn"] != arn]
    return {}


def _tagged(account: Account, parameters: Json) -> Json:
    arn = parameters["resourceArn"]
    for entry in account.state.get("accessEntries", {}).values():
        if entry.get("accessEntryArn") == arn:
            tags: Json = entry.setdefault("tags", {})
            return tags
    raise AwsError("NotFoundException", f"Resource not found: {arn}", 404)


def tag_resource(account: Account, parameters: Json) -> Json:
    _tagged(account, parameters).update(parameters["tags"])
    return {}


def untag_resource(account: Account, parameters: Json) -> Json:
    tags = _tagged(account, parameters)
    for key in parameters["tagKeys"]:
        tags.pop(key, None)
    return {}


OPERATIONS: dict[str, Operation] = {
    "AssociateAccessPolicy": associate_access_policy,
    "CreateAccessEntry": create_access_entry,
    "DeleteAccessEntry": delete_access_entry,
    "DescribeAccessEntry": describe_access_entry,
    "DisassociateAccessPolicy": disassociate_access_policy,
    "ListAccessEntries": list_access_entries,
    "ListAssociatedAccessPolicies": list_associated_access_policies,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "UpdateAccessEntry": update_access_entry,
}
