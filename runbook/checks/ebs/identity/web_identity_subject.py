"""The subject, the provider and the operators in the role's trust policy."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import document
from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.trust import Fault
from runbook.evidence.ebs.web_identity import Trust
from runbook.model import Excerpt, Problem
from runbook.registry import check
from runbook.remedies.role import correct_trust
from runbook.wording import names


@check(
    severity="critical",
    about="Role",
    covers=["EBS-I04"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
)
def web_identity_subject(trust: Trust, aftercare: Aftercare) -> Iterator[Problem]:
    """The driver's role trusts the controller's ServiceAccount in this cluster.

    The trust policy names the cluster's identity provider and, in a condition, the ServiceAccount. A
    cluster that was made anew has another provider; a wildcard counts only under StringLike. Where no
    statement fits, STS refuses the controller's token and the driver has no credentials.
    """
    wrong = _essential(trust.wrong("statement", "provider", "subject"))
    clauses = [_clause(fault, trust) for fault in wrong]
    if trust.denying:
        clauses.append(f"denies {trust.token.subject} in a statement with Effect Deny")
    if not clauses:
        return
    yield Problem(
        resource=trust.role,
        summary=f"the trust policy of IAM role {trust.role.name} {names(clauses)}",
        brief=f"trust policy {clauses[0]}",
        facts=(f"Trust policy now: {document(trust.policy)}",),
        evidence=tuple(
            Excerpt(
                call=f"iam:GetRole RoleName={trust.role.name}",
                excerpt=f"{f.operator} {f.key}: {names(f.found)}",
            )
            for f in wrong
            if f.key
        ),
        fix=(correct_trust(trust), *aftercare.retry(), *aftercare.verify()),
    )


def _clause(fault: Fault, trust: Trust) -> str:
    """What the policy does, as a predicate of it."""
    token, found = trust.token, names(f"'{value}'" for value in fault.found)
    if fault.claim == "statement":
        return "has no statement that lets web identity tokens in" + _made_for(trust)
    if fault.claim == "subject":
        told = f"refuses {found}" if fault.refuses else f"accepts only {found}"
        wildcard = fault.operator == "StringEquals" and any(c in value for value in fault.found for c in "*?")
        hint = " (StringEquals takes the wildcard literally)" if wildcard else ""
        return f"{told}{hint}, while the controller is '{token.subject}'"
    if fault.key:
        return f"asks for the key '{fault.found[0]}', which tokens of '{token.issuer}' do not have"
    others = names(arn.partition("oidc-provider/")[2] or arn for arn in fault.found)
    return f"trusts identity provider {others or 'none'}, while this cluster's is {token.issuer}"


def _essential(wrong: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Without what goes without saying: a statement for another provider also asks for that one's keys."""
    foreign = any(f.claim == "provider" and not f.key for f in wrong)
    return tuple(f for f in wrong if not (foreign and f.claim == "provider" and f.key))


def _made_for(trust: Trust) -> str:
    said = document(trust.policy)
    if "pods.eks.amazonaws.com" in said:
        return "; it is made for EKS Pod Identity"
    return "; it is made for EC2 instances" if "ec2.amazonaws.com" in said else ""
