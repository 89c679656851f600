"""A run without deployment: the document's checks on this machine, against a kubeconfig and an account."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from urllib3.exceptions import HTTPError

from lambda_proxy import core
from lambda_proxy.redact import redact_text
from runbook.engine import Engine, Sources
from runbook.kubeconfig import load_kubeconfig
from runbook.model import Unavailable, UsageError
from runbook.permissions import allow_list, declared
from runbook.ports.asking import Source
from runbook.ports.aws import BotoSource
from runbook.ports.kubernetes import BatchingSource, SilentSource
from runbook.ports.token import eks_token
from runbook.recording import Recording
from runbook.registry import load

#: A question that is not answered by then is given up; a batch of many takes little longer than one.
_BATCH_SECONDS = 60.0


async def connect(
    recording: Recording,
    *,
    session: Any,
    kubeconfig: Path | None = None,
    context: str | None = None,
    endpoint_url: str | None = None,
) -> Sources:
    """Sources for a run: a kubeconfig's cluster (else the one that AWS describes) and a boto3.Session.

    Never judges one cluster by another's account: where they differ, AWS is not asked. Raises UsageError.
    """
    aws = _aws(session, endpoint_url)
    if kubeconfig is None:
        return Sources(kubernetes=await _described_cluster(session, recording, aws), aws=aws)
    configuration = load_kubeconfig(kubeconfig, context)
    described = "" if endpoint_url else await _endpoint(recording, aws)
    if described and described.rstrip("/").lower() != configuration.host.rstrip("/").lower():
        recording.entries.clear()
        name = recording.header.cluster["name"]
        aws = SilentSource(
            f"the kubeconfig's API server is {configuration.host}, "
            f"but AWS's cluster {name} is at {described}; "
            "AWS was not asked, because one cluster must not be judged by another's account"
        )

    def renew() -> None:
        again = load_kubeconfig(kubeconfig, context)
        configuration.api_key, configuration.api_key_prefix = again.api_key, again.api_key_prefix

    try:
        return Sources(kubernetes=_kubernetes(configuration, renew), aws=aws)
    except (ValueError, ImportError, HTTPError) as error:  # such as a proxy-url of an unknown kind
        raise UsageError(f"kubeconfig {kubeconfig} cannot be used: {redact_text(str(error))}") from None


def _kubernetes(configuration: Any, renew: Callable[[], None]) -> BatchingSource:
    from lambda_proxy.transport import ClientTransport

    transport = ClientTransport(configuration, renew)
    allow = allow_list(declared(load()))

    def invoke(requests: list[core.Request]) -> list[core.Answer]:
        deadline = time.monotonic() + _BATCH_SECONDS
        return core.answer(requests, transport=transport, allow=allow, deadline=deadline)

    return BatchingSource(invoke)


def aws_session(profile: str | None, region: str | None) -> Any:
    """A boto3.Session. Raises UsageError."""
    import boto3
    from botocore import exceptions
    from botocore.session import Session as BotocoreSession

    try:
        return boto3.Session(profile_name=profile, region_name=region)
    except exceptions.ProfileNotFound as error:
        known = ", ".join(BotocoreSession().available_profiles) or "none"
        raise UsageError(f"{error}; known are: {known}") from None
    except exceptions.BotoCoreError as error:
        raise UsageError(f"the AWS configuration cannot be used: {redact_text(str(error))}") from None


def _aws(session: Any, endpoint_url: str | None) -> Source:
    if session.region_name is None:
        return SilentSource("no AWS Region is set; give --region")
    return BotoSource(session, endpoint_url=endpoint_url)


async def _described_cluster(session: Any, recording: Recording, aws: Source) -> Source:
    """The API server that AWS describes, with a token of our own."""
    from kubernetes import client

    body = await _describe(recording, aws)
    if isinstance(body, Unavailable):
        return SilentSource(
            f"no kubeconfig was given, and AWS does not tell where the cluster is: {body.reason}"
        )
    configuration = client.Configuration()
    configuration.host = body.endpoint
    configuration.ssl_ca_cert = _write_authority(body.authority)
    configuration.api_key_prefix["authorization"] = "Bearer"

    def renew() -> None:
        configuration.api_key["authorization"] = eks_token(recording.header.cluster["name"], session=session)

    renew()
    return _kubernetes(configuration, renew)


async def _endpoint(recording: Recording, aws: Source) -> str:
    body = await _describe(recording, aws)
    return "" if isinstance(body, Unavailable) else str(body.endpoint)


async def _describe(recording: Recording, aws: Source) -> Any:
    try:
        return await Engine(load(), recording, Sources(aws=aws)).evidence("cluster")
    except Unavailable as unavailable:
        return unavailable


def _write_authority(data: str) -> str:
    """The kubernetes client reads certificates from files only."""
    import atexit
    import tempfile

    folder = tempfile.TemporaryDirectory(prefix="eks-runbook-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "ca.pem"
    path.write_bytes(base64.b64decode(data))
    return str(path)
