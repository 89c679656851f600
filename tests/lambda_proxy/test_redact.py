"""Redaction by structure: markers planted in every place, and what a diagnosis needs beside them."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import json
from typing import Any

import pytest

from lambda_proxy.names import KEPT_ANNOTATIONS, KEPT_ENV
from lambda_proxy.redact import REDACTED, redact

MARKER = "MARKER-5f1e"


def env(name: str, **source: Any) -> dict[str, Any]:
    return {"name": name, **source}


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-0",
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": MARKER,
            "vault.example.com/token": MARKER,
            "kubectl.kubernetes.io/restartedAt": "2026-11-21T10:00:00Z",
        },
    },
    "spec": {
        "serviceAccountName": "app",
        "automountServiceAccountToken": True,
        "imagePullSecrets": [{"name": "registry"}],
        "containers": [
            {
                "image": "registry.example.com/get-token:v1",
                "command": ["app", "--password", MARKER, "--verbose", "--token", "--db-secret", MARKER],
                "args": [
                    f"--api-key={MARKER}",
                    "--token-audience",
                    "sts.amazonaws.com",
                    f"postgres://u:{MARKER}@db/x",
                ],
                "envFrom": [{"secretRef": {"name": "all"}}],
                "env": [
                    env("LICENSE", value=MARKER),
                    env("AWS_ACCESS_KEY_ID", value=MARKER),
                    env(
                        "AWS_SECRET_ACCESS_KEY",
                        valueFrom={"secretKeyRef": {"name": "aws-secret", "key": "id", "optional": True}},
                    ),
                    env("AWS_REGION", value="eu-west-1"),
                    env(
                        "AWS_WEB_IDENTITY_TOKEN_FILE",
                        value="/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
                    ),
                    env("NODE", valueFrom={"fieldRef": {"fieldPath": "spec.nodeName"}, "unheardOf": MARKER}),
                    env("EMPTY", value=""),
                    {"value": MARKER},
                    f"PLAIN={MARKER}",
                ],
                "livenessProbe": {"httpGet": {"httpHeaders": [env("X-Key", value=MARKER)], "port": 9808}},
            }
        ],
        "volumes": [
            {"name": "s", "secret": {"secretName": "db", "items": [{"key": "password", "path": "p"}]}},
            {
                "name": "t",
                "projected": {"sources": [{"serviceAccountToken": {"audience": "sts.amazonaws.com"}}]},
            },
        ],
    },
    "status": {"message": f"failed with password={MARKER}"},
}

POD_REDACTED = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-0",
        "annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-21T10:00:00Z"},
    },
    "spec": {
        "serviceAccountName": "app",
        "automountServiceAccountToken": True,
        "imagePullSecrets": [{"name": "registry"}],
        "containers": [
            {
                "image": "registry.example.com/get-token:v1",
                "command": ["app", "--password", REDACTED, "--verbose", "--token", "--db-secret", REDACTED],
                "args": [
                    "--api-key=[redacted:value]",
                    "--token-audience",
                    "sts.amazonaws.com",
                    "postgres://[redacted:url-credentials]@db/x",
                ],
                "envFrom": [{"secretRef": {"name": "all"}}],
                "env": [
                    env("LICENSE", value=REDACTED),
                    env("AWS_ACCESS_KEY_ID", value=REDACTED),
                    env(
                        "AWS_SECRET_ACCESS_KEY",
                        valueFrom={"secretKeyRef": {"name": "aws-secret", "key": "id", "optional": True}},
                    ),
                    env("AWS_REGION", value="eu-west-1"),
                    env(
                        "AWS_WEB_IDENTITY_TOKEN_FILE",
                        value="/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
                    ),
                    env("NODE", valueFrom={"fieldRef": {"fieldPath": "spec.nodeName"}}),
                    env("EMPTY", value=""),
                    {"value": REDACTED},
                    REDACTED,
                ],
                "livenessProbe": {"httpGet": {"httpHeaders": [env("X-Key", value=REDACTED)], "port": 9808}},
            }
        ],
        "volumes": [
            {"name": "s", "secret": {"secretName": "db", "items": [{"key": "password", "path": "p"}]}},
            {
                "name": "t",
                "projected": {"sources": [{"serviceAccountToken": {"audience": "sts.amazonaws.com"}}]},
            },
        ],
    },
    "status": {"message": "failed with password=[redacted:value]"},
}


def test_a_pod_keeps_what_a_diagnosis_needs_and_no_marker() -> None:
    before = copy.deepcopy(POD)
    assert redact(POD) == POD_REDACTED
    assert before == POD


def test_redacting_twice_changes_nothing_more() -> None:
    assert redact(POD_REDACTED) == POD_REDACTED


def test_the_same_holds_at_any_depth() -> None:
    for wrapped in ({"items": [POD]}, {"spec": {"template": POD}}, [[POD]]):
        assert MARKER in json.dumps(wrapped)
        assert MARKER not in json.dumps(redact(wrapped))


@pytest.mark.parametrize("name", sorted(KEPT_ENV))
def test_named_variables_keep_values_without_secrets(name: str) -> None:
    listed = redact({"env": [env(name, value=f"x --token={MARKER}")]})
    assert listed == {"env": [env(name, value="x --token=[redacted:value]")]}


def test_an_environment_may_be_a_map() -> None:
    function = {"Environment": {"Variables": {"AWS_REGION": "eu-west-1", "LICENSE": MARKER}}}
    assert redact(function) == {
        "Environment": {"Variables": {"AWS_REGION": "eu-west-1", "LICENSE": REDACTED}}
    }


@pytest.mark.parametrize(
    "name", [*sorted(KEPT_ANNOTATIONS), "pv.kubernetes.io/provisioned-by", "pv.kubernetes.io/bind-completed"]
)
def test_named_annotations_keep_values_without_secrets(name: str) -> None:
    kept = redact({"metadata": {"annotations": {name: f"x password={MARKER}", "other": MARKER}}})
    assert kept == {"metadata": {"annotations": {name: "x password=[redacted:value]"}}}


SECRET = {"data": {"a": MARKER}, "stringData": {"b": MARKER}, "metadata": {"name": "db"}, "type": "Opaque"}
CONFIG = {
    "data": {"a": MARKER, "mapRoles": "x"},
    "binaryData": {"b": MARKER},
    "metadata": {"name": "aws-auth"},
}
SECRET_KEPT = {"metadata": {"name": "db"}, "type": "Opaque"}
CONFIG_KEPT = {"metadata": {"name": "aws-auth"}}
CONFIG_DECLARED = {"data": {"mapRoles": "x"}, "metadata": {"name": "aws-auth"}}


@pytest.mark.parametrize(
    ("value", "kind", "data_keys", "expected"),
    [
        ({"kind": "Secret", **SECRET}, "", [], {"kind": "Secret", **SECRET_KEPT}),
        ({"kind": "Secret", **SECRET}, "", ["a", "b"], {"kind": "Secret", **SECRET_KEPT}),
        ({"kind": "Secret", **SECRET}, "ConfigMap", ["a", "b"], {"kind": "Secret", **SECRET_KEPT}),
        (SECRET, "Secret", [], SECRET_KEPT),
        ({"kind": "SecretList", "items": [SECRET]}, "", [], {"kind": "SecretList", "items": [SECRET_KEPT]}),
        ({"kind": "ConfigMap", **CONFIG}, "", [], {"kind": "ConfigMap", **CONFIG_KEPT}),
        ({"kind": "ConfigMap", **CONFIG}, "", ["mapRoles"], {"kind": "ConfigMap", **CONFIG_DECLARED}),
        (CONFIG, "ConfigMap", ["mapRoles"], CONFIG_DECLARED),
        (
            {"items": [CONFIG], "metadata": {}},
            "ConfigMap",
            ["mapRoles"],
            {"items": [CONFIG_DECLARED], "metadata": {}},
        ),
        ([CONFIG], "ConfigMap", [], [CONFIG_KEPT]),
        (
            {"kind": "List", "items": [{"kind": "Secret", **SECRET}]},
            "",
            [],
            {"kind": "List", "items": [{"kind": "Secret", **SECRET_KEPT}]},
        ),
        ({"manifest": {"kind": "Secret", **SECRET}}, "", [], {"manifest": {"kind": "Secret", **SECRET_KEPT}}),
        ({"kind": "Secret", "data": MARKER}, "", [], {"kind": "Secret"}),
        ({"certificateAuthority": {"data": "LS0t"}}, "", [], {"certificateAuthority": {"data": "LS0t"}}),
    ],
)
def test_content_of_secrets_never_and_of_config_maps_by_name(
    value: Any, kind: str, data_keys: list[str], expected: Any
) -> None:
    assert redact(value, kind=kind, data_keys=data_keys) == expected


def test_declared_content_goes_through_the_patterns() -> None:
    kept = redact({"kind": "ConfigMap", "data": {"Corefile": f"password={MARKER}"}}, data_keys=["Corefile"])
    assert kept == {"kind": "ConfigMap", "data": {"Corefile": "password=[redacted:value]"}}


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "Password",
        "SecretAccessKey",
        "secret_access_key",
        "SessionToken",
        "token",
        "api-key",
        "clientSecret",
        "SecretString",
        "authorizationToken",
        "secret",
        "Authorization",
        "PasswordData",
        "client-key-data",
    ],
)
def test_members_with_telling_names_lose_their_value(key: str) -> None:
    assert redact({"a": {key: MARKER}}) == {"a": {key: REDACTED}}
    assert redact({"a": {key: 12345}}) == {"a": {key: REDACTED}}
    assert redact({"a": {key: b"12345"}}) == {"a": {key: REDACTED}}


def test_members_that_only_sound_alike_keep_theirs() -> None:
    value = {
        "secretName": "db",
        "secretKeyRef": {"name": "db", "key": "password"},
        "secret": {"secretName": "db"},
        "token": None,
        "password": "",
        "authorization": False,
        "NextToken": "page-2",
        "HttpTokens": "required",
        "expirationSeconds": 86400,
        "KeyId": "arn:aws:kms:eu-west-1:111122223333:key/1",
    }
    assert redact(value) == value


def test_answers_of_aws_keep_their_types() -> None:
    at = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    role = {
        "Role": {
            "CreateDate": at,
            "MaxSessionDuration": 3600,
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRoleWithWebIdentity",
                        "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.x/id/1"},
                        "Condition": {"StringEquals": {"oidc.eks.x/id/1:aud": "www.sts.amazonaws.com"}},
                    }
                ]
            },
        }
    }
    assert redact(role) == role
    assert redact({"Payload": b"raw"}) == {"Payload": REDACTED}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("user_data", "expected"),
    [
        (
            encoded(f"/etc/eks/bootstrap.sh prod\nPASSWORD={MARKER}\n"),
            encoded("/etc/eks/bootstrap.sh prod\nPASSWORD=[redacted:value]\n"),
        ),
        ({"Value": encoded(f"token={MARKER}")}, {"Value": encoded("token=[redacted:value]")}),
        (base64.b64encode(b"\x1f\x8b\x08\xff").decode(), REDACTED),
        (f"#!/bin/sh\n{MARKER}", REDACTED),
        (["x"], REDACTED),
    ],
)
def test_user_data_is_looked_into(user_data: object, expected: object) -> None:
    assert redact({"UserData": user_data}) == {"UserData": expected}
