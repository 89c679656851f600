"""The condition keys of a request: who calls, how, and with which tags.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from runbook.local.aws.account import Account
from runbook.local.aws.moto_wire import Call, Json
from runbook.local.aws.principals import Principal

# Parameters that are condition keys of their service.
_KEYS = {
    "cloudformation": {"RoleARN": "cloudformation:RoleArn", "TemplateURL": "cloudformation:TemplateUrl"},
    "s3": {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "ServerSideEncryption":
           "s3:x-amz-server-side-encryption"},
    "eks": {"clusterName": "eks:clusterName", "principalArn": "eks:principalArn"},
}  # fmt: skip


def context_of(account: Account, call: Call, who: Principal, tags: dict[str, str]) -> dict[str, list[str]]:
    """The context in which a role's policies judge a call on a resource with these tags."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    context = {
        "aws:PrincipalArn": [who.role],
        "aws:PrincipalAccount": [account.id],
        "aws:PrincipalType": ["AssumedRole"],
        "aws:RequestedRegion": [call.region],
        "aws:ResourceAccount": [account.id],
        # The address on this machine stands for AWS's own, which is reached by TLS.
        "aws:SecureTransport": ["true"],
        "aws:CurrentTime": [now.strftime("%Y-%m-%dT%H:%M:%SZ")],
        "aws:EpochTime": [str(int(now.timestamp()))],
    }
    if call.service == "s3":
        context["s3:ResourceAccount"] = [account.id]
    for parameter, key in _KEYS.get(call.service, {}).items():
        if (value := call.parameters.get(parameter)) is not None:
            context[key] = [str(value)]
    given = dict(_pairs(call.parameters))
    if given:
        context["aws:TagKeys"] = list(given)
    context |= {f"aws:RequestTag/{key}": [value] for key, value in given.items()}
    context |= {f"aws:ResourceTag/{key}": [value] for key, value in tags.items()}
    return context


def _pairs(parameters: Json) -> Iterator[tuple[str, str]]:
    """The tags that a call gives to what it makes, however its service writes them."""
    for name in ("Tags", "tags"):
        yield from _read(parameters.get(name, []))
    for specification in parameters.get("TagSpecifications", []):
        yield from _read(specification.get("Tags", []))


def _read(tags: Any) -> Iterator[tuple[str, str]]:
    if isinstance(tags, dict):
        yield from tags.items()
    else:
        yield from ((tag["Key"], tag.get("Value", "")) for tag in tags)
