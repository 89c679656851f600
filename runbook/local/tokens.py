"""EKS's tokens: which Kubernetes user a presigned sts:GetCallerIdentity stands for.

https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from runbook.local.aws.account import Account
from runbook.local.aws.principals import Principal, owner, secret
from runbook.local.kubernetes import Identity

_PREFIX = "k8s-aws-v1."
_CLUSTER = "x-k8s-aws-id"
_VALID = dt.timedelta(minutes=15)
_VIEWED = (
    "configmaps", "endpoints", "events", "limitranges", "namespaces", "persistentvolumeclaims", "pods",
    "pods/log", "pods/status", "replicationcontrollers", "resourcequotas", "serviceaccounts", "services",
)  # fmt: skip
_VIEWED_GROUPS = [
    "apps", "autoscaling", "batch", "discovery.k8s.io", "extensions", "networking.k8s.io", "policy",
]  # fmt: skip
_LOOK = ["get", "list", "watch"]
# https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
_POLICIES: dict[str, list[dict[str, Any]]] = {
    "AmazonEKSViewPolicy": [
        {"apiGroups": [""], "resources": [*_VIEWED], "verbs": _LOOK},
        {"apiGroups": _VIEWED_GROUPS, "resources": ["*"], "verbs": _LOOK},
    ],
    "AmazonEKSAdminViewPolicy": [{"apiGroups": ["*"], "resources": ["*"], "verbs": _LOOK}],
    "AmazonEKSClusterAdminPolicy": [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
}


def access_policies() -> Iterator[dict[str, Any]]:
    """EKS's access policies as RBAC, each bound to a group that stands for it in an Identity."""
    version = "rbac.authorization.k8s.io/v1"
    for name, rules in _POLICIES.items():
        metadata = {"name": _group(name)}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": _group(name)}
        subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": _group(name)}
        yield {"apiVersion": version, "kind": "ClusterRole", "metadata": metadata, "rules": rules}
        yield {
            "apiVersion": version,
            "kind": "ClusterRoleBinding",
            "metadata": metadata,
            "roleRef": role,
            "subjects": [subject],
        }


def _group(policy: str) -> str:
    return f"eks:access-policy:{policy}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Tokens(Mapping[str, Identity]):
    """Bearer tokens of a cluster: some fixed ones, and once there is an `account`, those of its principals.

    The account's access entries say who a principal is in the cluster. Access policies with the scope of
    namespaces give nothing here.
    """

    def __init__(
        self,
        fixed: Mapping[str, Identity],
        now: Callable[[], dt.datetime] = _now,
    ) -> None:
        self.account: Account | None = None
        self._fixed = fixed
        self._now = now

    def __getitem__(self, token: str) -> Identity:
        if token in self._fixed:
            return self._fixed[token]
        principal = self._signer(token)
        if principal is None or self.account is None:
            raise KeyError("no such token")
        return _identity(self.account, principal)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fixed)

    def __len__(self) -> int:
        return len(self._fixed)

    def _signer(self, token: str) -> Principal | None:
        """Whose token it is; None unless it is meant for this cluster, fresh and rightly signed."""
        if self.account is None or not token.startswith(_PREFIX):
            return None
        address = _decoded(token.removeprefix(_PREFIX))
        query = dict(parse_qsl(urlsplit(address).query))
        signed = query.get("X-Amz-SignedHeaders", "").split(";")
        if not (
            _is_sts(address, self.account)
            and query.get("Action") == "GetCallerIdentity"
            and _CLUSTER in signed
            and self._is_fresh(query.get("X-Amz-Date", ""))
        ):
            return None
        key = query.get("X-Amz-Credential", "").partition("/")[0]
        cluster = self.account.state["cluster"]["name"]
        return owner(self.account, key) if _is_signed(address, query, key, cluster) else None

    def _is_fresh(self, moment: str) -> bool:
        if not re.fullmatch(r"\d{8}T\d{6}Z", moment):
            return False
        made = dt.datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        return abs(self._now() - made) < _VALID


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:  # also binascii.Error and UnicodeDecodeError
        return ""


def _is_sts(address: str, account: Account) -> bool:
    """Whether an address is that of STS in any Region, or of the account itself."""
    if address.startswith((f"{account.endpoint_url}/?", f"{account.endpoint_url}?")):
        return True
    return re.match(r"https://sts(\.[a-z0-9-]+)?\.amazonaws\.com/?\?", address) is not None


def _is_signed(address: str, query: Mapping[str, str], key: str, cluster: str) -> bool:
    """Whether the signature is of a call with this cluster's name; a key without known secret may be any."""
    known = secret(key)
    scope = query.get("X-Amz-Credential", "").split("/")
    if known is None or len(scope) != 5:
        return known is None
    unsigned = re.sub(r"&X-Amz-Signature=[0-9a-f]+", "", address)
    request: Any = AWSRequest("GET", unsigned, headers={_CLUSTER: cluster})
    request.context["timestamp"] = query["X-Amz-Date"]
    auth: Any = SigV4QueryAuth(Credentials(key, known), "sts", scope[2])
    text = auth.string_to_sign(request, auth.canonical_request(request))
    return hmac.compare_digest(auth.signature(text, request), query.get("X-Amz-Signature", ""))


def _identity(account: Account, principal: Principal) -> Identity:
    """Raises KeyError where no access entry is about the principal, or the cluster looks at none."""
    mode = account.state["cluster"].get("accessConfig", {}).get("authenticationMode")
    if mode == "CONFIG_MAP":
        raise KeyError("no access entries")
    entry = account.state.get("accessEntries", {})[principal.role or principal.arn]
    name = principal.arn.rpartition("/")[2]
    user = entry.get("username", "").replace("{{SessionName}}", name) or principal.arn
    policies = [
        _group(one["policyArn"].rpartition("/")[2])
        for one in entry.get("associatedAccessPolicies", [])
        if one["accessScope"]["type"] == "cluster"
    ]
    return Identity(user=user, groups=(*entry.get("kubernetesGroups", ()), *policies))
