"""What the role's trust policy makes of the controller's token, and how the policy ought to read."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.driver_role import DriverRole
from runbook.evidence.ebs.identity import ServiceAccount
from runbook.evidence.ebs.trust import Claim, Fault, Statement, Token, faults, listed, statements, unjudged
from runbook.model import NotApplicable, Resource, Unavailable
from runbook.registry import evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the role's trust policy makes of the controller's token.

    `faults` are those of the Allow statement that comes nearest, empty when one lets the token in;
    `denying` the places of statements that shut it out all the same.
    """

    role: Resource
    policy: dict[str, Any]
    token: Token
    faults: tuple[Fault, ...] = ()
    nearest: int | None = None
    denying: tuple[int, ...] = ()

    def wrong(self, *claims: Claim) -> tuple[Fault, ...]:
        """The faults of some claims."""
        return tuple(fault for fault in self.faults if fault.claim in claims)

    def repaired(self) -> dict[str, Any]:
        """The whole policy with everything corrected that keeps the token out, and nothing else changed."""
        policy = copy.deepcopy(self.policy)
        written = listed(policy.get("Statement"))
        if self.nearest is None or any(f.claim == "provider" and not f.key for f in self.faults):
            # A statement for another cluster's provider may still serve that cluster.
            written.append(statement_for(self.token))
        else:
            _correct(written[self.nearest], self.faults, self.token)
        return {**policy, "Statement": [s for n, s in enumerate(written) if n not in self.denying]}


@evidence()
async def trust(driver_role: DriverRole, cluster: Cluster, web_identity: ServiceAccount) -> Trust:
    """Judge the trust policy as STS does. Raises Unavailable where it has conditions of other kinds."""
    if not driver_role.resource.exists:
        raise NotApplicable(f"role {driver_role.resource.name} does not exist")
    token = token_of(cluster, web_identity.audience, web_identity.subject)
    return judged(driver_role.resource, driver_role.policy, token)


def token_of(cluster: Cluster, audience: str, subject: str) -> Token:
    """The token that a ServiceAccount's pods present; STS looks for the provider in the role's account."""
    return Token(
        provider_arn=f"arn:{cluster.partition}:iam::{cluster.account}:oidc-provider/{cluster.issuer}",
        issuer=cluster.issuer,
        audience=audience,
        subject=subject,
    )


def judged(role: Resource, policy: dict[str, Any], token: Token) -> Trust:
    """What a trust policy makes of a token. Raises Unavailable where what is not judged here decides."""
    found = tuple(statements(policy))
    allows = [s for s in found if s.effect == "Allow"]
    denies = [s for s in found if s.effect == "Deny" and not faults(s, token)]
    nearest = min(allows, key=lambda s: (len(faults(s, token)), len(unjudged(s))), default=None)
    wrong = (Fault(claim="statement"),) if nearest is None else faults(nearest, token)
    denying = tuple(s.index for s in denies if not unjudged(s))
    if not wrong and not denying:
        _refuse_unjudged(role, [s for s in (nearest, *denies) if s])
    return Trust(
        role=role,
        policy=policy,
        token=token,
        faults=wrong,
        nearest=nearest.index if nearest else None,
        denying=denying,
    )


def _refuse_unjudged(role: Resource, deciding: Iterable[Statement]) -> None:
    unknown = [name for statement in deciding for name in unjudged(statement)]
    if unknown:
        raise Unavailable(
            f"the trust policy of role {role.name} has a condition not judged here: {', '.join(unknown)}"
        )


def statement_for(token: Token) -> dict[str, Any]:
    """The statement that lets exactly this token in."""
    return {
        "Effect": "Allow",
        "Principal": {"Federated": token.provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{token.issuer}:aud": token.audience, f"{token.issuer}:sub": token.subject}
        },
    }


def _correct(statement: dict[str, Any], wrong: Iterable[Fault], token: Token) -> None:
    """Ask for the token's own claims wherever a condition asks for another or by another key."""
    conditions = statement["Condition"]
    for fault in wrong:
        claim = fault.key.rpartition(":")[2].lower()
        key = f"{token.issuer}:{claim}"
        value = token.audience if claim == "aud" else token.subject
        if fault.operator == "StringEquals" and fault.key == key:
            conditions[fault.operator][key] = value
            continue
        del conditions[fault.operator][fault.key]
        if not conditions[fault.operator]:
            del conditions[fault.operator]
        conditions.setdefault("StringEquals", {})[key] = value
