"""The bearer token by which EKS knows an IAM principal: a presigned sts:GetCallerIdentity."""

from __future__ import annotations

import base64
from typing import Any

_HEADER = "x-k8s-aws-id"


def eks_token(cluster: str, *, session: Any) -> str:
    """A token for `cluster`, good for 14 minutes; made without a call.

    https://docs.aws.amazon.com/eks/latest/userguide/cluster-auth.html
    """
    from botocore.config import Config

    # EKS takes tokens for STS's own address alone, whatever endpoint this process is configured to use.
    config = Config(ignore_configured_endpoint_urls=True)  # type: ignore[call-arg]  # not yet in the stubs
    sts = session.client("sts", config=config)
    events = sts.meta.events
    events.register("provide-client-params.sts.GetCallerIdentity", _take_cluster)
    events.register("before-sign.sts.GetCallerIdentity", _sign_cluster)
    address = sts.generate_presigned_url(
        "get_caller_identity", Params={"ClusterName": cluster}, ExpiresIn=60, HttpMethod="GET"
    )
    return "k8s-aws-v1." + base64.urlsafe_b64encode(address.encode()).decode().rstrip("=")


def _take_cluster(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if "ClusterName" in params:
        context["eks_cluster"] = params.pop("ClusterName")


def _sign_cluster(request: Any, **_: Any) -> None:
    if "eks_cluster" in request.context:
        request.headers[_HEADER] = request.context["eks_cluster"]
