"""Faults in the embedded account, in the codes and words of each kind of service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from runbook.local.aws import EmbeddedAws, Fault
from tests.local.aws_account import ACCOUNT, DRIVER, DRIVER_POLICY, PROVIDER_ARN, ask, error, state

USER = f"User: arn:aws:iam::{ACCOUNT}:user/on-call is not authorized to perform:"
EXPIRED = "The security token included in the request is expired"
INVALID = "The security token included in the request is invalid."
UNPROVEN = "AWS was not able to validate the provided access credentials"
UNKNOWN = "The request processing has failed because of an unknown error, exception or failure."
BECAUSE = "because no identity-based policy allows the {action} action"
REFUSALS = {
    "eks": ("AccessDeniedException", "{user} {action} on resource: {resource}"),
    "iam": ("AccessDenied", f"{{user}} {{action}} on resource: {{resource}} {BECAUSE}"),
    "ec2": (
        "UnauthorizedOperation",
        f"You are not authorized to perform this operation. {{user}} {{action}} {BECAUSE}",
    ),
}
EKS = f"arn:aws:eks:us-east-1:{ACCOUNT}"
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "eks": ("describe_cluster", {"name": "shop"}),
    "iam": ("get_role", {"RoleName": DRIVER}),
    "ec2": ("describe_instances", {}),
    "sts": ("get_caller_identity", {}),
}


@pytest.fixture(scope="module")
def opened() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state()) as embedded:
        yield embedded


@pytest.fixture
def aws(opened: EmbeddedAws) -> Iterator[EmbeddedAws]:
    yield opened
    opened.faults.clear()


@pytest.mark.parametrize(
    ("service", "kind", "code", "words", "status"),
    [
        ("eks", "throttled", "ThrottlingException", "Rate exceeded", 429),
        ("eks", "failed", "ServerException", "Internal server error.", 500),
        ("eks", "expired", "ExpiredTokenException", EXPIRED, 403),
        ("eks", "unknown-key", "UnrecognizedClientException", INVALID, 403),
        ("iam", "throttled", "Throttling", "Rate exceeded", 400),
        ("iam", "failed", "InternalFailure", UNKNOWN, 500),
        ("iam", "expired", "ExpiredToken", EXPIRED, 403),
        ("sts", "unknown-key", "InvalidClientTokenId", INVALID, 403),
        ("ec2", "throttled", "RequestLimitExceeded", "Request limit exceeded.", 503),
        ("ec2", "failed", "InternalError", "An internal error has occurred", 500),
        ("ec2", "expired", "RequestExpired", "Request has expired.", 400),
        (
            "ec2",
            "unknown-key",
            "AuthFailure",
            UNPROVEN,
            401,
        ),
    ],
)
def test_each_service_fails_in_its_own_words(
    aws: EmbeddedAws, service: str, kind: Any, code: str, words: str, status: int
) -> None:
    aws.faults[f"{service}:*"] = Fault(kind=kind)
    operation, parameters = CALLS[service]

    assert error(aws, service, operation, **parameters) == (code, words, status)


@pytest.mark.parametrize(
    ("action", "operation", "parameters", "resource"),
    [
        ("eks:DescribeCluster", "describe_cluster", {"name": "shop"}, f"{EKS}:cluster/shop"),
        ("eks:ListAddons", "list_addons", {"clusterName": "shop"}, f"{EKS}:cluster/shop"),
        (
            "eks:DescribeAddon",
            "describe_addon",
            {"clusterName": "shop", "addonName": "coredns"},
            f"{EKS}:addon/shop/coredns/*",
        ),
        (
            "eks:DescribePodIdentityAssociation",
            "describe_pod_identity_association",
            {"clusterName": "shop", "associationId": "a-1"},
            f"{EKS}:podidentityassociation/shop/a-1",
        ),
        ("eks:ListClusters", "list_clusters", {}, f"{EKS}:cluster/*"),
        ("iam:GetRole", "get_role", {"RoleName": DRIVER}, f"role {DRIVER}"),
        (
            "iam:GetInstanceProfile",
            "get_instance_profile",
            {"InstanceProfileName": "shop-node"},
            "instance profile shop-node",
        ),
        ("iam:GetPolicy", "get_policy", {"PolicyArn": DRIVER_POLICY}, f"policy {DRIVER_POLICY}"),
        (
            "iam:GetOpenIDConnectProvider",
            "get_open_id_connect_provider",
            {"OpenIDConnectProviderArn": PROVIDER_ARN},
            PROVIDER_ARN,
        ),
        (
            "iam:ListOpenIDConnectProviders",
            "list_open_id_connect_providers",
            {},
            f"arn:aws:iam::{ACCOUNT}:oidc-provider/*",
        ),
        ("ec2:DescribeVolumes", "describe_volumes", {}, ""),
    ],
)
def test_a_refusal_names_the_caller_the_action_and_the_resource(
    aws: EmbeddedAws, action: str, operation: str, parameters: Any, resource: str
) -> None:
    aws.faults["*"] = Fault(kind="refused")
    service = action.partition(":")[0]
    code, template = REFUSALS[service]
    words = template.format(user=USER, action=action, resource=resource)

    assert error(aws, service, operation, **parameters) == (code, words, 403)


def test_a_fault_strikes_its_operation_alone_and_is_counted(aws: EmbeddedAws) -> None:
    aws.faults["eks:DescribeAddon"] = Fault(kind="failed")
    aws.calls.clear()

    assert ask(aws, "eks", "list_clusters") == {"clusters": ["shop"]}
    error(aws, "eks", "describe_addon", clusterName="shop", addonName="aws-ebs-csi-driver")
    assert aws.calls == ["eks:ListClusters", "eks:DescribeAddon"]


def test_a_slow_call_answers_later(aws: EmbeddedAws) -> None:
    aws.faults["eks:ListClusters"] = Fault(kind="slow", seconds=0.2)
    started = time.monotonic()

    assert ask(aws, "eks", "list_clusters") == {"clusters": ["shop"]}
    assert time.monotonic() - started > 0.2
