"""The rules of the cluster security group, which the function shares with the API server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from runbook.evidence.deployment.network import ClusterSubnet
from runbook.evidence.ebs.account import Cluster
from runbook.evidence.ebs.network import EVERYWHERE
from runbook.model import Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

#: As the API numbers protocols that it has no name for.
_NAMES = {"6": "tcp", "17": "udp", "-1": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; `protocol` is empty for all. The other side is a group, a network or a prefix list."""

    egress: bool
    protocol: str = ""
    first: int = -1
    last: int = -1
    group: str = ""
    network: str = ""
    prefix_list: str = ""

    def covers(self, *, egress: bool, protocol: str, port: int) -> bool:
        """Whether the rule is about this port, whoever is on the other side."""
        ports = not self.protocol or self.first == -1 or self.first <= port <= self.last
        return self.egress is egress and self.protocol in ("", protocol) and ports


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    """The group and its rules; `api` are the networks in which the API server is reached.

    `inside` is False where it is reached by its public address, to which the group's own rules for itself
    do not apply.
    """

    resource: Resource
    rules: tuple[Rule, ...]
    api: tuple[str, ...]
    inside: bool = True

    def leads_to_api(self, rule: Rule) -> bool:
        """Whether the other side of the rule is, or holds, the API server."""
        if rule.group:
            return self.inside and rule.group == self.resource.name
        return bool(rule.network) and all(_holds(rule.network, network) for network in self.api)


def _holds(outer: str, inner: str) -> bool:
    one, other = ipaddress.ip_network(outer, strict=False), ipaddress.ip_network(inner, strict=False)
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return other.subnet_of(one)
    return False


@evidence("ec2:DescribeSecurityGroupRules")
async def cluster_security_group(
    aws: Aws, cluster: Cluster, cluster_subnets: tuple[ClusterSubnet, ...]
) -> SecurityGroup:
    """The cluster security group. Raises NotApplicable where the function is attached to no network."""
    if not cluster.security_group:
        raise Unavailable(f"EKS names no security group of cluster {cluster.name}")
    answer = await aws.call(
        "ec2:DescribeSecurityGroupRules",
        Filters=[{"Name": "group-id", "Values": [cluster.security_group]}],
        fields=tuple(
            f"SecurityGroupRules.{field}"
            for field in (
                "IsEgress", "IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6", "PrefixListId",
                "ReferencedGroupInfo.GroupId",
            )
        ),
    )  # fmt: skip
    inside = cluster.private_access
    return SecurityGroup(
        resource=Resource(kind="SecurityGroup", name=cluster.security_group),
        rules=tuple(_rule(body) for body in (answer or {}).get("SecurityGroupRules", ())),
        api=tuple(subnet.network for subnet in cluster_subnets) if inside else (EVERYWHERE,),
        inside=inside,
    )


def _rule(body: dict[str, Any]) -> Rule:
    protocol = str(body.get("IpProtocol", ""))
    return Rule(
        egress=bool(body.get("IsEgress")),
        protocol=_NAMES.get(protocol, protocol),
        first=int(body.get("FromPort", -1)),
        last=int(body.get("ToPort", -1)),
        group=body.get("ReferencedGroupInfo", {}).get("GroupId", ""),
        network=body.get("CidrIpv4") or body.get("CidrIpv6") or "",
        prefix_list=body.get("PrefixListId", ""),
    )
