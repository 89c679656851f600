"""The embedded account as clients see it: EKS, STS, and what it cannot do."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import EmbeddedAws
from tests.local.aws_account import (
    ACCOUNT,
    DRIVER_ARN,
    addon,
    ask,
    association,
    client,
    cluster,
    error,
    state,
)

READER = f"arn:aws:iam::{ACCOUNT}:role/reader"
VIEW = {
    "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
    "accessScope": {"type": "cluster", "namespaces": []},
}
ENTRY = {"clusterName": "shop", "principalArn": READER, "type": "STANDARD", "kubernetesGroups": ["readers"]}
NO_ENTRY = (
    "The specified principalArn could not be found. You can view your available access entries with"
    " 'list-access-entries'."
)
NODEGROUP = {"nodegroupName": "blue", "clusterName": "shop", "status": "ACTIVE"}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    extra = {
        "accessEntries": {READER: ENTRY | {"associatedAccessPolicies": [VIEW]}},
        "nodegroups": {"blue": NODEGROUP},
    }
    with EmbeddedAws(state() | extra) as embedded:
        yield embedded


@pytest.mark.parametrize(
    ("operation", "parameters", "answer"),
    [
        ("list_clusters", {}, {"clusters": ["shop"]}),
        ("describe_cluster", {"name": "shop"}, {"cluster": cluster()}),
        ("list_addons", {"clusterName": "shop"}, {"addons": ["aws-ebs-csi-driver"]}),
        ("describe_addon", {"clusterName": "shop", "addonName": "aws-ebs-csi-driver"}, {"addon": addon()}),
        ("list_nodegroups", {"clusterName": "shop"}, {"nodegroups": ["blue"]}),
        ("describe_nodegroup", {"clusterName": "shop", "nodegroupName": "blue"}, {"nodegroup": NODEGROUP}),
        (
            "describe_pod_identity_association",
            {"clusterName": "shop", "associationId": "a-2"},
            {"association": association("shop", "a-2")},
        ),
        ("list_access_entries", {"clusterName": "shop"}, {"accessEntries": [READER]}),
        (
            "list_access_entries",
            {"clusterName": "shop", "associatedPolicyArn": "other"},
            {"accessEntries": []},
        ),
        ("describe_access_entry", {"clusterName": "shop", "principalArn": READER}, {"accessEntry": ENTRY}),
        (
            "list_associated_access_policies",
            {"clusterName": "shop", "principalArn": READER},
            {"clusterName": "shop", "principalArn": READER, "associatedAccessPolicies": [VIEW]},
        ),
    ],
)
def test_eks_answers_from_the_state(aws: EmbeddedAws, operation: str, parameters: Any, answer: Any) -> None:
    assert ask(aws, "eks", operation, **parameters) == answer


def test_a_list_of_associations_is_filtered_and_does_not_tell_the_role(aws: EmbeddedAws) -> None:
    wanted = {"clusterName": "shop", "namespace": "kube-system", "serviceAccount": "shop"}
    answer = ask(aws, "eks", "list_pod_identity_associations", **wanted)

    summary = association("shop", "a-2")
    del summary["roleArn"]
    assert answer == {"associations": [summary]}


def test_lists_come_in_pages(aws: EmbeddedAws) -> None:
    pages = client(aws, "eks").get_paginator("list_pod_identity_associations")
    found = list(pages.paginate(clusterName="shop", PaginationConfig={"PageSize": 1}))

    assert [[one["associationId"] for one in page["associations"]] for page in found] == [["a-1"], ["a-2"]]


@pytest.mark.parametrize(
    ("operation", "parameters", "words"),
    [
        ("describe_cluster", {"name": "x"}, "No cluster found for name: x."),
        ("list_addons", {"clusterName": "x"}, "No cluster found for name: x."),
        ("describe_addon", {"clusterName": "shop", "addonName": "x"}, "No addon: x found in cluster: shop"),
        (
            "describe_nodegroup",
            {"clusterName": "shop", "nodegroupName": "x"},
            "No node group found for name: x.",
        ),
        (
            "describe_pod_identity_association",
            {"clusterName": "shop", "associationId": "a-9"},
            "Association not found: a-9",
        ),
        (
            "describe_access_entry",
            {"clusterName": "shop", "principalArn": DRIVER_ARN},
            NO_ENTRY,
        ),
    ],
)
def test_eks_says_what_is_not_there(aws: EmbeddedAws, operation: str, parameters: Any, words: str) -> None:
    assert error(aws, "eks", operation, **parameters) == ("ResourceNotFoundException", words, 404)


def test_a_cluster_is_known_in_its_region_only(aws: EmbeddedAws) -> None:
    elsewhere = client(aws, "eks", "eu-west-1")

    assert elsewhere.list_clusters()["clusters"] == []
    with pytest.raises(
        elsewhere.exceptions.ResourceNotFoundException, match=r"No cluster found for name: shop\."
    ):
        elsewhere.describe_addon(clusterName="shop", addonName="aws-ebs-csi-driver")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "name"),
    [
        ("eks", "create_addon", {"clusterName": "shop", "addonName": "vpc-cni"}, "eks:CreateAddon"),
        (
            "iam",
            "generate_service_last_accessed_details",
            {"Arn": READER},
            "iam:GenerateServiceLastAccessedDetails",
        ),
        ("ec2", "describe_instance_event_windows", {}, "ec2:DescribeInstanceEventWindows"),
        ("ec2", "describe_instance_type_offerings", {}, "ec2:DescribeInstanceTypeOfferings"),
        ("ssm", "describe_instance_information", {}, "ssm:DescribeInstanceInformation"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_error(
    aws: EmbeddedAws,
    capfd: pytest.CaptureFixture[str],
    service: str,
    operation: str,
    parameters: Any,
    name: str,
) -> None:
    words = f"{name} is not part of the embedded account."

    assert error(aws, service, operation, **parameters) == ("NotEmbedded", words, 501)
    assert capfd.readouterr() == ("", "")


def test_requests_that_no_client_would_send_get_an_error_too(aws: EmbeddedAws) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403: FORBIDDEN") as unsigned:
        urllib.request.urlopen(f"{aws.endpoint_url}/clusters")  # noqa: S310 (our own address)
    with unsigned.value as answer:
        assert json.load(answer) == {
            "__type": "MissingAuthenticationToken",
            "message": "Missing Authentication Token",
        }


def test_the_caller_is_told_who_it_is_also_by_a_presigned_address(aws: EmbeddedAws) -> None:
    principal = f"arn:aws:iam::{ACCOUNT}:user/on-call"
    address = client(aws, "sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    # As the EKS authenticator asks, with what a cluster's token consists of.
    with urllib.request.urlopen(address) as answer:  # noqa: S310 (our own address)
        written = answer.read().decode()

    assert ask(aws, "sts", "get_caller_identity") == {
        "UserId": "AIDACKCEVSQ6C2EXAMPLE",
        "Account": ACCOUNT,
        "Arn": principal,
    }
    assert f"<Arn>{principal}</Arn>" in written
