"""EKS, answered from the state alone: the state has the very shapes of EKS's API. It is read-only here."""

from __future__ import annotations

from collections.abc import Iterable

from runbook.local.aws.account import Account, Operation, page
from runbook.local.aws.moto_wire import AwsError, Json

# A list tells less than `describe`: the role above all.
_SUMMARY = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId", "ownerArn")


def _not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message, 404)


def _cluster(account: Account, name: str) -> Json:
    cluster: Json = account.state["cluster"]
    if cluster["name"] != name:
        raise _not_found(f"No cluster found for name: {name}.")
    return cluster


def _of(account: Account, parameters: Json, key: str) -> Json:
    """One of the cluster's tables of the state; it may be left out when empty."""
    _cluster(account, parameters["clusterName"])
    table: Json = account.state.get(key, {})
    return table


def elsewhere(parameters: Json) -> Json:
    """In any other Region there is no cluster."""
    if name := parameters.get("clusterName", parameters.get("name")):
        raise _not_found(f"No cluster found for name: {name}.")
    return {"clusters": []}


def list_clusters(account: Account, parameters: Json) -> Json:
    return page([account.state["cluster"]["name"]], parameters, "clusters")


def describe_cluster(account: Account, parameters: Json) -> Json:
    return {"cluster": _cluster(account, parameters["name"])}


def list_addons(account: Account, parameters: Json) -> Json:
    return page(sorted(_of(account, parameters, "addons")), parameters, "addons")


def describe_addon(account: Account, parameters: Json) -> Json:
    name, cluster = parameters["addonName"], parameters["clusterName"]
    addon = _of(account, parameters, "addons").get(name)
    if addon is None:
        raise _not_found(f"No addon: {name} found in cluster: {cluster}")
    return {"addon": addon}


def list_nodegroups(account: Account, parameters: Json) -> Json:
    return page(sorted(_of(account, parameters, "nodegroups")), parameters, "nodegroups")


def describe_nodegroup(account: Account, parameters: Json) -> Json:
    name = parameters["nodegroupName"]
    nodegroup = _of(account, parameters, "nodegroups").get(name)
    if nodegroup is None:
        raise _not_found(f"No node group found for name: {name}.")
    return {"nodegroup": nodegroup}


def _associations(account: Account, parameters: Json) -> Iterable[Json]:
    _cluster(account, parameters["clusterName"])
    wanted = {key: parameters[key] for key in ("namespace", "serviceAccount") if key in parameters}
    for association in account.state.get("podIdentityAssociations", []):
        if wanted.items() <= association.items():
            yield association


def list_pod_identity_associations(account: Account, parameters: Json) -> Json:
    found = [
        {key: association[key] for key in _SUMMARY if key in association}
        for association in _associations(account, parameters)
    ]
    return page(found, parameters, "associations")


def describe_pod_identity_association(account: Account, parameters: Json) -> Json:
    wanted = parameters["associationId"]
    for association in _associations(account, {"clusterName": parameters["clusterName"]}):
        if association["associationId"] == wanted:
            return {"association": association}
    raise _not_found(f"Association not found: {wanted}")


def _access_entries(account: Account, parameters: Json) -> Json:
    mode = _cluster(account, parameters["clusterName"]).get("accessConfig", {}).get("authenticationMode")
    if mode == "CONFIG_MAP":
        raise AwsError(
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform"
            " this operation.",
        )
    return _of(account, parameters, "accessEntries")


def _access_entry(account: Account, parameters: Json) -> Json:
    entry: Json | None = _access_entries(account, parameters).get(parameters["principalArn"])
    if entry is None:
        raise _not_found(
            "The specified principalArn could not be found. You can view your available access entries with"
            " 'list-access-entries'."
        )
    return entry


def list_access_entries(account: Account, parameters: Json) -> Json:
    policy = parameters.get("associatedPolicyArn")
    found = [
        principal
        for principal, entry in sorted(_access_entries(account, parameters).items())
        if policy is None or policy in [one["policyArn"] for one in entry.get("associatedAccessPolicies", [])]
    ]
    return page(found, parameters, "accessEntries")


def describe_access_entry(account: Account, parameters: Json) -> Json:
    return {"accessEntry": _access_entry(account, parameters)}


def list_associated_access_policies(account: Account, parameters: Json) -> Json:
    policies = _access_entry(account, parameters).get("associatedAccessPolicies", [])
    named = {key: parameters[key] for key in ("clusterName", "principalArn")}
    return named | page(policies, parameters, "associatedAccessPolicies")


OPERATIONS: dict[str, Operation] = {
    "ListClusters": list_clusters,
    "DescribeCluster": describe_cluster,
    "ListAddons": list_addons,
    "DescribeAddon": describe_addon,
    "ListNodegroups": list_nodegroups,
    "DescribeNodegroup": describe_nodegroup,
    "ListPodIdentityAssociations": list_pod_identity_associations,
    "DescribePodIdentityAssociation": describe_pod_identity_association,
    "ListAccessEntries": list_access_entries,
    "DescribeAccessEntry": describe_access_entry,
    "ListAssociatedAccessPolicies": list_associated_access_policies,
}
