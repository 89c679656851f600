"""A world made real on this machine: an API server and an AWS account that answer for it."""

from __future__ import annotations

import base64
import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from runbook.local.aws import EmbeddedAws
from runbook.local.kubernetes import EmbeddedKubernetes, Identity
from runbook.local.tokens import Tokens, access_policies
from runbook.local.world import World
from runbook.permissions import GROUP, cluster_role, declared
from runbook.registry import load

_BEARER = "demonstration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """What `laptop.connect` needs, and the two servers behind it."""

    kubernetes: EmbeddedKubernetes
    aws: EmbeddedAws
    kubeconfig: Path
    session: Any

    def client(self, service: str) -> Any:
        """A boto3 client of the on-call user, at the account's address."""
        return self.session.client(service, endpoint_url=self.aws.endpoint_url)


@contextlib.contextmanager
def embedded(world: World, *, port: int = 0) -> Iterator[Embedded]:
    """Serve a world; its cluster's endpoint and authority become those of the embedded API server.

    `port` is the account's; 0 takes any that is free.
    """
    reader = Identity(user="arn:aws:sts::111122223333:assumed-role/eks-runbook/run", groups=(GROUP,))
    tokens = Tokens({_BEARER: reader})
    api = EmbeddedKubernetes(
        objects=world.objects,
        logs=world.logs,
        access=[*cluster_role(declared(load())), *access_policies()],
        tokens=tokens,
    )
    with api, tempfile.TemporaryDirectory(prefix="eks-runbook-") as folder:
        world.aws["cluster"]["endpoint"] = api.url
        world.aws["cluster"]["certificateAuthority"] = {
            "data": base64.b64encode(api.ca_pem.encode()).decode()
        }
        with EmbeddedAws(world.aws, port=port) as aws:
            tokens.account = aws.account
            environment = aws.environment()
            session = boto3.Session(
                aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
                region_name=environment["AWS_REGION"],
            )
            yield Embedded(
                kubernetes=api, aws=aws, kubeconfig=api.kubeconfig(Path(folder), _BEARER), session=session
            )
