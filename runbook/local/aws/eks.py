"""EKS, answered from the state alone: the state has the very shapes of EKS's API. It is read-only here.

Access entries can be changed, and have a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from runbook.local.aws.account import Account, Operation, page
from runbook.local.aws.moto_wire import AwsError, Json

# A list tells less than `describe`: the role above all.
_SUMMARY = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId", "ownerArn")


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message, 404)


def cluster_of(account: Account, name: str) -> Json:
    cluster: Json = account.state["cluster"]
    if cluster["name"] != name:
        raise not_found(f"No cluster found for name: {name}.")
    return cluster


def _of(account: Account, parameters: Json, key: str) -> Json:
    """One of the cluster's tables of the state; it may be left out when empty."""
    cluster_of(account, parameters["clusterName"])
    table: Json = account.state.get(key, {})
    return table


def elsewhere(parameters: Json) -> Json:
    """In any other Region there is no cluster."""
    if name := parameters.get("clusterName", parameters.get("name")):
        raise not_found(f"No cluster found for name: {name}.")
    return {"clusters": []}


def list_clusters(account: Account, parameters: Json) -> Json:
    return page([account.state["cluster"]["name"]], parameters, "clusters")


def describe_cluster(account: Account, parameters: Json) -> Json:
    return {"cluster": cluster_of(account, parameters["name"])}


def list_addons(account: Account, parameters: Json) -> Json:
    return page(sorted(_of(account, parameters, "addons")), parameters, "addons")


def describe_addon(account: Account, parameters: Json) -> Json:
    name, cluster = parameters["addonName"], parameters["clusterName"]
    addon = _of(account, parameters, "addons").get(name)
    if addon is None:
        raise not_found(f"No addon: {name} found in cluster: {cluster}")
    return {"addon": addon}


def list_nodegroups(account: Account, parameters: Json) -> Json:
    return page(sorted(_of(account, parameters, "nodegroups")), parameters, "nodegroups")


def describe_nodegroup(account: Account, parameters: Json) -> Json:
    name = parameters["nodegroupName"]
    nodegroup = _of(account, parameters, "nodegroups").get(name)
    if nodegroup is None:
        raise not_found(f"No node group found for name: {name}.")
    return {"nodegroup": nodegroup}


def list_fargate_profiles(account: Account, parameters: Json) -> Json:
    return page(sorted(_of(account, parameters, "fargateProfiles")), parameters, "fargateProfileNames")


def describe_fargate_profile(account: Account, parameters: Json) -> Json:
    name = parameters["fargateProfileName"]
    profile = _of(account, parameters, "fargateProfiles").get(name)
    if profile is None:
        raise not_found(f"No Fargate Profile found with name: {name}.")
    return {"fargateProfile": profile}


def _associations(account: Account, parameters: Json) -> Iterable[Json]:
    cluster_of(account, parameters["clusterName"])
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
    raise not_found(f"Association not found: {wanted}")


OPERATIONS: dict[str, Operation] = {
    "ListClusters": list_clusters,
    "DescribeCluster": describe_cluster,
    "ListAddons": list_addons,
    "DescribeAddon": describe_addon,
    "ListNodegroups": list_nodegroups,
    "DescribeNodegroup": describe_nodegroup,
    "ListFargateProfiles": list_fargate_profiles,
    "DescribeFargateProfile": describe_fargate_profile,
    "ListPodIdentityAssociations": list_pod_identity_associations,
    "DescribePodIdentityAssociation": describe_pod_identity_association,
}
