"""How a report says names, kinds, times and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

ACRONYMS = frozenset({"api", "cni", "csi", "dns", "ebs", "eks", "etcd", "iam", "ip", "kms", "oidc", "vpc"})

#: Kinds whose full name is too long for a column, or must not be split into words.
SHORT_KINDS = {
    "PersistentVolumeClaim": "claim",
    "StorageClass": "class",
    "ServiceAccount": "service account",
    "VolumeAttachment": "attachment",
    "CSIDriver": "CSIDriver",
    "CSINode": "CSINode",
}

_CAMEL = re.compile(r"[A-Z]+[0-9]*(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+")


def runbook_title(name: str) -> str:
    """`TroubleshootEbsCsiDriversForEks` as "EBS CSI drivers"."""
    return topic_title("_".join(_CAMEL.findall(name.removeprefix("Troubleshoot").removesuffix("ForEks"))))


def topic_title(topic: str) -> str:
    """`control_plane` as "Control plane"."""
    words = [word.upper() if word.lower() in ACRONYMS else word.lower() for word in topic.split("_")]
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def kind_label(kind: str) -> str:
    """`Pod` as "pod", `IAMRole` as "IAM role", `PersistentVolumeClaim` as "claim"."""
    if kind in SHORT_KINDS or not re.fullmatch("[A-Za-z0-9]+", kind):
        return SHORT_KINDS.get(kind, kind)
    return " ".join(word if word.isupper() else word.lower() for word in _CAMEL.findall(kind))


def resource_path(resource: Mapping[str, Any]) -> str:
    """`shop/orders-0`, or `gp3` for what has no namespace."""
    return "/".join(part for part in (resource["namespace"], resource["name"]) if part)


def resource_label(resource: Mapping[str, Any]) -> str:
    """`pod shop/orders-0`."""
    return f"{kind_label(resource['kind'])} {resource_path(resource)}"


def moment(text: str) -> datetime | None:
    """An ISO-8601 time with offset; None for what is not one."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else None


def clock(text: str, *, seconds: bool = False) -> str:
    """`2026-11-21 06:30 UTC`; what is not a time unchanged."""
    time = moment(text)
    return time.strftime(f"%Y-%m-%d %H:%M{':%S' if seconds else ''} UTC") if time else text


def took(started: str, finished: str) -> str:
    """`74 s`, `12 min`; empty when a time cannot be read."""
    start, end = moment(started), moment(finished)
    return duration((end - start).total_seconds()) if start and end else ""


def ago(at: str, now: str) -> str:
    """`41 s ago`, seen from the time of the run's first question; `during the run` for later."""
    then, here = moment(at), moment(now)
    if not then or not here:
        return at
    return f"{duration((here - then).total_seconds())} ago" if then <= here else "during the run"


def duration(seconds: float) -> str:
    """The largest unit that still says enough: `74 s`, `52 min`, `9 h`, `3 days`."""
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"


def is_web(address: str) -> bool:
    """Whether an address may become a link: https, and nothing in it that could end it early."""
    return re.fullmatch(r"https://[A-Za-z0-9][A-Za-z0-9._~:/?#@!$&()*+,;=%-]*", address) is not None
