"""The rules through which the function reaches the API server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from runbook.commands import aws
from runbook.evidence.deployment.security_group import Rule, SecurityGroup
from runbook.evidence.ebs.account import Cluster
from runbook.model import Fix, Problem, Unavailable
from runbook.registry import check
from runbook.wording import names


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """What must be let through."""

    egress: bool
    says: str


_PROTOCOL, _PORT = "tcp", 443
# No rule for DNS: security groups do not filter what goes to the VPC's own resolver.
_IN = _Need(egress=False, says="in on port 443 from the group itself")
_OUT = _Need(egress=True, says="out on port 443 to the API server")


@check(
    severity="critical",
    kind="obstacle",
    about="SecurityGroup",
    covers=["ACC-05"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
)
def security_group_rules(cluster_security_group: SecurityGroup, cluster: Cluster) -> Iterator[Problem]:
    """The cluster security group lets the function reach the API server.

    The function is given the cluster security group, which the API server has too. As EKS makes it, it lets
    everything out, and in whatever comes from itself; where somebody has narrowed it, port 443 must stay.
    """
    group = cluster_security_group
    needs = (_IN, _OUT) if group.inside else (_OUT,)
    missing = [need for need in needs if not any(_meets(rule, need, group) for rule in group.rules)]
    unsure = [need for need in missing if any(_perhaps(rule, need) for rule in group.rules)]
    if certain := [need for need in missing if need not in unsure]:
        yield Problem(
            resource=group.resource,
            summary=f"security group {group.resource.name} of cluster {cluster.name}, which the run's "
            f"temporary function is given, has no rule that lets traffic {names(n.says for n in certain)}",
            fix=tuple(fix(need, group, cluster) for need in certain),
        )
    if unsure:
        raise Unavailable(
            f"security group {group.resource.name} lets traffic {names(need.says for need in unsure)} only "
            "by a prefix list, whose addresses are not looked at"
        )


def _meets(rule: Rule, need: _Need, group: SecurityGroup) -> bool:
    return _covers(rule, need) and not rule.prefix_list and group.leads_to_api(rule)


def _perhaps(rule: Rule, need: _Need) -> bool:
    return _covers(rule, need) and bool(rule.prefix_list)


def _covers(rule: Rule, need: _Need) -> bool:
    return rule.covers(egress=need.egress, protocol=_PROTOCOL, port=_PORT)


def fix(need: _Need, group: SecurityGroup, cluster: Cluster) -> Fix:
    """The rule that is missing: within the group where that suffices."""
    name = group.resource.name
    verb = "authorize-security-group-egress" if need.egress else "authorize-security-group-ingress"
    ports = f"IpProtocol={_PROTOCOL},FromPort={_PORT},ToPort={_PORT}"
    peer = f"UserIdGroupPairs=[{{GroupId={name}}}]" if group.inside else "IpRanges=[{CidrIp=0.0.0.0/0}]"
    command = aws(
        cluster.region, "ec2", verb, "--group-id", name, "--ip-permissions", f"{ports},{peer}"
    )  # fmt: skip
    return Fix(text=f"Let traffic {need.says}", command=command)
