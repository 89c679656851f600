"""What `redact_text` takes out, what it must leave, and that neither costs more than linear time."""

from __future__ import annotations

import random
import time

import pytest

from lambda_proxy.patterns import PATTERNS
from lambda_proxy.redact import redact_text

JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJhdWQiOlsic3RzLmFtYXpvbmF3cy5jb20iXX0.c2lnbmF0dXJl-c2lnbmF0dXJl_x"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1c7\n+9Zz==\n-----END RSA PRIVATE KEY-----"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SESSION = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ"

TAKEN_OUT = [
    ("remote: ghp_16C7e42F292c6912E7710c838347Ae178B4a denied", "remote: [redacted:vendor-token] denied"),
    ("SLACK xoxb-1234567890-abcdefghij", "SLACK [redacted:vendor-token]"),
    (f"got {JWT}.", "got [redacted:jwt]."),
    (f"Bearer%20{JWT}", "Bearer%[redacted:jwt]"),
    ("curl -H 'Authorization: Bearer abc.def' x", "curl -H 'Authorization: [redacted:authorization]' x"),
    ('"Authorization":["Basic dXNlcjpwYXNz"]', '"Authorization":["[redacted:authorization]"]'),
    ("Authorization:[Bearer abc] Accept:[x]", "Authorization:[[redacted:authorization]] Accept:[x]"),
    (
        "authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121, Signature=fe5f\nnext",
        "authorization: [redacted:authorization]\nnext",
    ),
    ("sent bearer 0123456789abcdef, refused", "sent bearer [redacted:bearer], refused"),
    ("token is k8s-aws-v1.aHR0cHM6Ly9zdHM_-x", "token is [redacted:eks-token]"),
    ("key AKIAIOSFODNN7EXAMPLE is", "key [redacted:access-key-id] is"),
    ("key_ASIAIOSFODNN7EXAMPLE", "key_[redacted:access-key-id]"),
    (f"aws_secret_access_key = {SECRET_KEY}", "aws_secret_access_key = [redacted:secret-access-key]"),
    (f"<SecretAccessKey>{SECRET_KEY}<", "<SecretAccessKey>[redacted:secret-access-key]<"),
    (f'"SecretAccessKey": "{SECRET_KEY}"', '"SecretAccessKey": "[redacted:secret-access-key]"'),
    (f"{{SecretAccessKey:{SECRET_KEY} X:1}}", "{SecretAccessKey:[redacted:secret-access-key] X:1}"),
    (f"secret access key {SECRET_KEY} x", "secret access key [redacted:secret-access-key] x"),
    (f"AWS_SESSION_TOKEN={SESSION}", "AWS_SESSION_TOKEN=[redacted:session-token]"),
    (f"with {SESSION} in it", "with [redacted:session-token] in it"),
    (
        "https://s3/x?X-Amz-Credential=AKIA%2F2026&X-Amz-Security-Token=IQo%3D&X-Amz-Signature=ab12&partNumber=1",
        (
            "https://s3/x?X-Amz-Credential=[redacted:signed-url]&X-Amz-Security-Token=[redacted:signed-url]"
            "&X-Amz-Signature=[redacted:signed-url]&partNumber=1"
        ),
    ),
    ('"X-Amz-Security-Token": ["IQoJ/x"]', '"X-Amz-Security-Token": ["[redacted:signed-url]"]'),
    ("X-Amz-Security-Token: IQoJ/x\nHost: y", "X-Amz-Security-Token: [redacted:signed-url]\nHost: y"),
    (f"before\n{KEY}\nafter", "before\n[redacted:private-key]\nafter"),
    (KEY.replace("\n", "\\n"), "[redacted:private-key]"),
    (KEY.replace("\n", "\n2026-11-21T10:00:00Z "), "[redacted:private-key]"),
    ("a\n" + KEY.partition("\n-----END")[0], "a\n[redacted:private-key]"),
    (KEY.partition("\n")[2] + "\nafter", "[redacted:private-key]\nafter"),
    ("-----BEGIN PRIVATE KEY-----MIIE-----END PRIVATE KEY-----", "[redacted:private-key]"),
    (
        "client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo=",
        "client-key-data: [redacted:private-key]",
    ),
    ("postgres://app:p@ss@db:5432/x", "postgres://[redacted:url-credentials]@db:5432/x"),
    ("https://x-access-token@github.com/a", "https://[redacted:url-credentials]@github.com/a"),
    ("--password=hunter2 --v=5", "--password=[redacted:value] --v=5"),
    ("mysql --password hunter2 -h db", "mysql --password [redacted:value] -h db"),
    ("DB_PASSWORD = hun,ter;2&x rest", "DB_PASSWORD = [redacted:value] rest"),
    ("PWD: hunter2", "PWD: [redacted:value]"),
    ("login failed, password: hunter2 (x)", "login failed, password: [redacted:value] (x)"),
    ('{"password": "hun\\"ter2", "a": 1}', '{"password": "[redacted:value]", "a": 1}'),
    ("{'api_key':'x y'}", "{'api_key':'[redacted:value]'}"),
    ('"{\\"dbPassword\\":\\"x y\\",\\"a\\":1}"', '"{\\"dbPassword\\":\\"[redacted:value]\\",\\"a\\":1}"'),
    ('{"pin": 1, "pwd": 12345}', '{"pin": 1, "pwd": [redacted:value]}'),
    ("{Token:abc Name:x}", "{Token:[redacted:value] Name:x}"),
    (
        "spec:\n  - apiKey: abc\n    secret: def",
        "spec:\n  - apiKey: [redacted:value]\n    secret: [redacted:value]",
    ),
    ("kubeadm join with token: abcdef.0123456789abcdef", "kubeadm join with token: [redacted:value]"),
    ("the secret: aB3xYz89Qw, sent", "the secret: [redacted:value], sent"),
    ("?token=abc", "?token=[redacted:value]"),
    ("password=true-story", "password=[redacted:value]"),
]

LEFT_ALONE = [
    "arn:aws:iam::111122223333:role/AmazonEKS_EBS_CSI_DriverRole",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
    "arn:aws:sts::111122223333:assumed-role/token-role/i-0abc is not authorized to perform: ec2:AttachVolume",
    (
        "operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 403, "
        "RequestID: 5d1c9d4e-1b7e-4d2f-9d3c-7f8a9b0c1d2e, api error AccessDenied: "
        "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    ),
    "failed to refresh cached credentials, failed to retrieve credentials",
    (
        "api error InvalidIdentityToken: No OpenIDConnect provider found in your account for "
        "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
    ),
    "InvalidIdentityToken: Incorrect token audience",
    "ExpiredToken: The security token included in the request is expired",
    "UnrecognizedClientException: The security token included in the request is invalid",
    "Encoded authorization failure message: 4XqG7h_k-Zr9",
    "token audience 'sts.amazonaws.com'",
    "AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    (
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/"
        "eks-pod-identity-token"
    ),
    "open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: permission denied",
    "failed to fetch token: serviceaccounts is forbidden",
    "could not get token: NoCredentialProviders: no valid providers in chain",
    'MountVolume.SetUp failed for volume "aws-iam-token" : failed to fetch token: context deadline exceeded',
    'MountVolume.SetUp failed for volume "db-secret" : secret "db" not found',
    "couldn't find key username in Secret shop/db",
    'spec.volumes[0].secret: Invalid value: "": must be a name',
    '"secretKeyRef":{"name":"aws-secret","key":"access_key"}',
    "secretKeyRef: {name: aws-secret, key: password}",
    '"secretName":"db","automountServiceAccountToken":false,"token":null',
    "serviceAccountToken: {audience: sts.amazonaws.com, expirationSeconds: 86400, path: token}",
    "automountServiceAccountToken=false",
    '{"Condition":{"StringEquals":{"oidc.eks.eu-west-1.amazonaws.com/id/1:aud":"sts.amazonaws.com"}}}',
    "vol-11848047702bbafad i-0123456789abcdef0 HttpTokens=required",
    "registry.example.com:5000/auth/get-token:v1.2.3",
    "docker-pullable://nginx@sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31",
    "unix:///csi/csi.sock dial tcp 10.0.0.1:443: i/o timeout user@example.com",
    "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\nno private key here",
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM=",
    "WWW-Authenticate: Bearer realm=x, bearer token missing, bearer authentication required",
    "if token == nil { return }",
]


@pytest.mark.parametrize(("text", "expected"), TAKEN_OUT)
def test_secrets_are_taken_out(text: str, expected: str) -> None:
    assert redact_text(text) == expected


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_a_diagnosis_needs_is_left_alone(text: str) -> None:
    assert redact_text(text) == text


def test_every_pattern_is_shown_by_a_text_that_holds_its_hint() -> None:
    for pattern in PATTERNS:
        texts = [text for text, _ in TAKEN_OUT if pattern.regex.search(text)]
        assert texts, pattern
        assert all(any(hint in text.lower() for hint in pattern.hints) for text in texts), pattern


def test_redacting_twice_changes_nothing_more() -> None:
    source = random.Random(1)  # noqa: S311 - a fixed sequence of texts, not a secret
    parts = [text for text, _ in TAKEN_OUT] + LEFT_ALONE
    glue = [
        "",
        " ",
        "\n",
        '"',
        "'",
        "\\",
        ":",
        "=",
        ": ",
        "&",
        "@",
        "://",
        "-----",
        "password",
        "token",
        "secret",
    ]
    for _ in range(3000):
        text = "".join(
            source.choice(parts)[: source.randint(1, 90)] + source.choice(glue)
            for _ in range(source.randint(1, 5))
        )
        once = redact_text(text)
        assert redact_text(once) == once


HOSTILE = [
    "a",
    "-",
    "-----",
    "eyJ",
    "eyJa.",
    "password",
    "password ",
    "password:",
    "password: ",
    'password="',
    "password\\",
    "token: a",
    "token\t",
    "secret-",
    "://",
    "://a:",
    "://@",
    "Bearer ",
    "bearer a",
    "k8s-aws-v1.",
    "AKIA",
    "X-Amz-Signature=",
    "x-amz-credential",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN A ",
    "-----END PRIVATE KEY-----",
    "LS0tLS1CRUdJTi",
    "IQoJb3JpZ2lu",
    "aws_secret ",
    "aws_secret=",
    'secretaccesskey"',
    "authorization",
    "authorization: ",
    "authorization: basic ",
    "authorization:\\",
    "--token",
    "--token ",
    "\n- token",
    '\\"',
    "' ",
    "[redacted",
    "[redacted:a",
    "token=[redacted:",
    "0",
    "A1",
    "_token: ",
]


def _hostile(unit: str, size: int) -> str:
    return unit * (size // len(unit)) + " " + " ".join(hint for pattern in PATTERNS for hint in pattern.hints)


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_repetition_costs_more_than_linear_time(unit: str) -> None:
    text = _hostile(unit, 200_000)
    started = time.process_time()
    redact_text(text)
    assert time.process_time() - started < 5  # a quadratic expression would need minutes


def test_a_megabyte_of_everything_hostile_is_done_in_seconds() -> None:
    text = _hostile("".join(HOSTILE), 1_000_000)
    started = time.process_time()
    redact_text(text)
    assert time.process_time() - started < 15
