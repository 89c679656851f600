"""As whom the driver calls AWS, by what it and AWS themselves say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from runbook.evidence.ebs.attachments import Attachment
from runbook.evidence.ebs.claims import Claim
from runbook.evidence.ebs.identity import PLUGIN, Identity
from runbook.evidence.ebs.logs import Log
from runbook.evidence.ebs.node_role import NodeRole
from runbook.model import Excerpt, NotApplicable, Seen, Unavailable
from runbook.registry import evidence

_ASSUMED = re.compile(r":assumed-role/([\w+=,.@-]+)/")
#: What the AWS SDK says when it found no credentials anywhere, the node's role being the last it looks for.
_NOBODY = ("no EC2 IMDS role found", "NoCredentialProviders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A role that an answer of AWS names, empty where the driver found no credentials at all."""

    role: str
    quote: Excerpt


@evidence()
async def callers(
    controller_logs: Seen[Log] | Unavailable | NotApplicable,
    claims: Seen[Claim] | Unavailable,
    attachments: Seen[Attachment] | Unavailable | NotApplicable,
) -> tuple[Caller, ...]:
    """Whom logs, events and attachments name. Nothing said proves nothing."""
    quotes = [
        *(_logged(controller_logs) if isinstance(controller_logs, Seen) else ()),
        *(_claimed(claims) if isinstance(claims, Seen) else ()),
        *(_attached(attachments) if isinstance(attachments, Seen) else ()),
    ]
    return tuple(caller for quote in quotes for caller in _read(quote))


def as_node(callers: Iterable[Caller], roles: Iterable[NodeRole]) -> tuple[Caller, ...]:
    """Where the driver's calls came from one of these nodes' roles, or from nobody."""
    known = {role.resource.name for role in roles if role.resource}
    return tuple(caller for caller in callers if not caller.role or caller.role in known)


def unread(identity: Identity) -> Unavailable:
    """Why a node's role proves nothing by itself: keys in the Secret outrank it, and Secrets are not read."""
    return Unavailable(
        f"whether Secret {identity.optional_secret} exists is not read; it would hold access keys"
    )


def _read(quote: Excerpt) -> Iterator[Caller]:
    if named := _ASSUMED.search(quote.excerpt):
        yield Caller(role=named[1], quote=quote)
    elif any(words in quote.excerpt for words in _NOBODY):
        yield Caller(role="", quote=quote)


def _logged(logs: Iterable[Log]) -> Iterator[Excerpt]:
    for log in logs:
        # What an earlier run of a container that is well now wrote is over.
        if log.container == PLUGIN and (log.down or not log.previous):
            line = log.last(":assumed-role/", *_NOBODY)
            if line:
                yield log.quote(line)


def _claimed(claims: Iterable[Claim]) -> Iterator[Excerpt]:
    for claim in claims:
        if claim.waits and (event := claim.said("ProvisioningFailed")):
            yield Excerpt(call=f"event of claim {claim.resource.path}", excerpt=event.message, at=event.at)


def _attached(attachments: Iterable[Attachment]) -> Iterator[Excerpt]:
    for attachment in attachments:
        if attachment.error:
            yield Excerpt(
                call=f"k8s:get volumeattachments {attachment.resource.name}", excerpt=attachment.error
            )
