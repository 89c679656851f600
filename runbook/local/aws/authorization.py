"""Whether the caller may: every call of a role's session is judged by the role's policies, as AWS would.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
Policies of buckets, functions and queues are not part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runbook.local.aws import iam
from runbook.local.aws.account import Account, Operation
from runbook.local.aws.conditions import context_of
from runbook.local.aws.faults import refused, unknown_key
from runbook.local.aws.moto_wire import AwsError, Call, Json
from runbook.local.aws.policies import Context, judge
from runbook.local.aws.principals import Principal, caller
from runbook.local.aws.resources import asked_of, passed
from runbook.local.aws.tags import tags_of

Documents = dict[str, Json]

# AWS lets every principal ask it.
_FREE = ("sts:GetCallerIdentity",)
# Judged where the trust policy is, because of the two one may be enough.
_ELSEWHERE = ("sts:AssumeRole",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a role's policies say; `because` is AWS's reason for a refusal."""

    decision: str
    because: str = ""


class RolePolicies:
    """The policies of roles, read again once IAM has been asked to change anything."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[str, tuple[int, Documents, Documents | None]] = {}

    def close(self) -> None:
        """Nothing is going on."""

    def of(self, role: str) -> tuple[Documents, Documents | None]:
        """A role's own policies and its boundary, if it has one. Raises AwsError: NoSuchEntity."""
        changes = self._account.moto.changes["iam"]
        known = self._known.get(role)
        if known is None or known[0] != changes:
            found = iam.role_of(self._account, role)
            policies = iam.policies_of(self._account, found["RoleName"])
            known = self._known[role] = (changes, policies, iam.boundary_of(self._account, found))
        return known[1], known[2]


def authorize(account: Account, call: Call, own: Mapping[str, Operation]) -> None:
    """Raise AwsError, in the words of the call's service, unless the caller may make this call.

    `own` are the operations that are ours and not moto's.
    """
    who = caller()
    if not who.role or call.name in (*_FREE, *_ELSEWHERE):
        return
    for action, resource, context in _questions(account, call, who, own):
        try:
            judged = ruling(account, who.role, action, resource, context)
        except AwsError as error:
            # A session outlives its role in name only.
            raise unknown_key(call) from error
        if judged.decision != "allowed":
            raise refused(call, who.arn, action, resource, judged.because)


def _questions(
    account: Account, call: Call, who: Principal, own: Mapping[str, Operation]
) -> Iterator[tuple[str, str, Context]]:
    """Actions with their resources and contexts, all of which must be allowed."""
    for action, resource in asked_of(account, call):
        yield action, resource, context_of(account, call, who, tags_of(account, own, resource))
    for role, service in passed(call):
        yield "iam:PassRole", role, {**context_of(account, call, who, {}), "iam:PassedToService": [service]}


def ruling(account: Account, role: str, action: str, resource: str, context: Context) -> Ruling:
    """What the policies of a role (by its ARN) and its boundary say. Raises AwsError: NoSuchEntity."""
    policies, bounds = account.part(RolePolicies).of(role)
    decision = judge(policies, action, resource, context).decision
    bound = "allowed" if bounds is None else judge(bounds, action, resource, context).decision
    if decision == "explicitDeny":
        return Ruling(decision=decision, because="with an explicit deny in an identity-based policy")
    if bound == "explicitDeny":
        return Ruling(decision=bound, because="with an explicit deny in a permissions boundary")
    if decision != "allowed":
        reason = f"because no identity-based policy allows the {action} action"
        return Ruling(decision=decision, because=reason)
    if bound != "allowed":
        reason = f"because no permissions boundary allows the {action} action"
        return Ruling(decision=bound, because=reason)
    return Ruling(decision="allowed")
