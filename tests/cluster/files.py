"""The files that the programs of a control plane are given: identities, keys, ways to reach nodes."""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from runbook.permissions import GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody whom the API server knows by a token."""

    user: str
    group: str


IDENTITIES = {
    "admin": Identity(user="admin", group="system:masters"),
    "runbook": Identity(user="arn:aws:sts::111122223333:assumed-role/eks-runbook/execution", group=GROUP),
}


def write_tokens(path: Path) -> dict[str, str]:
    """Make a token for each of IDENTITIES; by name, as the API server now knows them."""
    tokens = {name: secrets.token_hex(16) for name in IDENTITIES}
    lines = [f'{tokens[name]},"{who.user}",{name},"{who.group}"\n' for name, who in IDENTITIES.items()]
    path.write_text("".join(lines))
    return tokens


def write_kubeconfig(path: Path, *, url: str, ca_pem: str, token: str) -> Path:
    """A kubeconfig with one cluster, user and context, each called `test`."""
    authority = b64encode(ca_pem.encode()).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": url, "certificate-authority-data": authority}}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    path.write_text(json.dumps(config, indent=2))  # JSON is YAML
    return path


def write_egress(path: Path, proxy_socket: Path) -> None:
    """Have the API server reach nodes through an HTTP CONNECT proxy on a Unix socket."""
    proxy = {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": str(proxy_socket)}}}
    config = {
        "apiVersion": "apiserver.k8s.io/v1beta1",
        "kind": "EgressSelectorConfiguration",
        "egressSelections": [{"name": "cluster", "connection": proxy}],
    }
    path.write_text(json.dumps(config))


def write_service_account_keys(private: Path, public: Path) -> None:
    """The pair that signs service account tokens and proves them."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
