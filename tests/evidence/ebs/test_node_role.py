from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.ebs.controller_nodes import Host, controller_hosts
from runbook.evidence.ebs.node_role import node_roles
from runbook.evidence.ebs.nodes import Node
from runbook.model import NotApplicable, Resource, Seen, Unavailable
from tests.given.account import cluster
from tests.given.identity import identity, no_identity
from tests.given.ports import Table, provided

ROLE = {
    "InstanceProfile": {
        "Roles": [{"RoleName": "shop-node", "Arn": "arn:aws:iam::111122223333:role/shop-node"}]
    }
}
MANAGED = "arn:aws:iam::aws:policy/service-role/"


def node(name: str, instance: str) -> Node:
    return Node(resource=Resource(kind="Node", name=name), ready=True, instance=instance)


def host(name: str = "node-a", profile: str = "shop-node") -> Host:
    return Host(
        node=node(name, "i-0aaaa1111bbbb2222"),
        id="i-0aaaa1111bbbb2222",
        subnet="subnet-a",
        vpc="vpc-1",
        profile=profile,
    )


def ask(*hosts: Host, policies: tuple[str, ...] = (), judge: Any = None, profile: Any = ROLE) -> Any:
    table = Table(
        {
            "iam:GetInstanceProfile": profile,
            "iam:ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyArn": arn} for arn in policies]},
            "iam:SimulatePrincipalPolicy": judge,
        }
    )
    return provided(
        node_roles,
        table,
        cluster=cluster(),
        identity=no_identity(),
        controller_hosts=Seen(hosts or (host(),)),
    )


def simulator(*allowed: str, missing: tuple[str, ...] = ()) -> Any:
    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalDecision": "allowed" if action in allowed else "implicitDeny",
                    "MissingContextValues": [*missing],
                }
                for action in parameters["ActionNames"]
            ]
        }

    return answer


@pytest.mark.parametrize("policy", ["AmazonEBSCSIDriverPolicy", "AmazonEBSCSIDriverPolicyV2"])
def test_a_managed_policy_suffices(policy: str) -> None:
    (role,) = ask(policies=(MANAGED + policy,))
    assert (role.resource.name, role.nodes, role.denied) == ("shop-node", ("node-a",), ())


def test_what_the_simulator_denies() -> None:
    (role,) = ask(
        judge=simulator("ec2:DescribeVolumes", "ec2:DescribeInstances", "ec2:DescribeAvailabilityZones")
    )
    assert role.denied == (
        "ec2:CreateVolume", "ec2:AttachVolume", "ec2:DetachVolume", "ec2:DeleteVolume", "ec2:CreateTags",
    )  # fmt: skip


def test_the_cluster_scoped_policy_depends_on_tags_of_a_session() -> None:
    found = ask(
        policies=(MANAGED + "AmazonEBSCSIDriverEKSClusterScopedPolicy",),
        judge=simulator(missing=("aws:PrincipalTag/eks-cluster-arn",)),
    )
    assert found.items == ()
    assert [gap.reason for gap in found.gaps] == [
        (
            "whether role arn:aws:iam::111122223333:role/shop-node may use ec2:CreateVolume depends on "
            "aws:PrincipalTag/eks-cluster-arn, which the simulator was not given"
        )
    ]


def test_a_short_answer_is_no_permission() -> None:
    assert [gap.reason for gap in ask(judge={"EvaluationResults": []}).gaps] == [
        "IAM's simulator did not answer for every action of role arn:aws:iam::111122223333:role/shop-node"
    ]


def test_nodes_without_role() -> None:
    bare, empty = ask(host("node-b", ""), host("node-a"), profile={"InstanceProfile": {"Roles": []}})
    assert (bare.resource, bare.nodes, bare.suffices) == (None, ("node-b",), False)
    assert (empty.resource, empty.nodes, empty.suffices) == (None, ("node-a",), False)


def test_another_identity_makes_it_pointless() -> None:
    with pytest.raises(
        NotApplicable, match="the driver does not use the node's role but IAM roles for service accounts"
    ):
        provided(
            node_roles,
            Table({}),
            cluster=cluster(),
            identity=identity(),
            controller_hosts=Unavailable("refused"),
        )


def ask_hosts(*nodes: Node, instances: tuple[dict[str, Any], ...] = ()) -> Any:
    table = Table({"ec2:DescribeInstances": {"Reservations": [{"Instances": [*instances]}]}})
    return provided(controller_hosts, table, controller_nodes=Seen(nodes))


def test_the_instances_of_the_nodes() -> None:
    body = {
        "InstanceId": "i-0aaaa1111bbbb2222",
        "SubnetId": "subnet-a",
        "VpcId": "vpc-1",
        "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/eks/shop-node"},
        "Placement": {"AvailabilityZone": "us-east-1a"},
        "PublicIpAddress": "198.51.100.7",
    }
    one = node("node-a", "i-0aaaa1111bbbb2222")
    found = ask_hosts(one, instances=(body,))
    assert found == Seen(
        (
            Host(
                node=one, id="i-0aaaa1111bbbb2222", subnet="subnet-a", vpc="vpc-1", zone="us-east-1a",
                public=True,
                profile="shop-node",
            ),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "gap"),
    [
        ((), "no pod of the controller is on a node"),
        ((node("fargate-ip-10-0-1-2", "fargate-ip-10-0-1-2"),),
         "node fargate-ip-10-0-1-2 is no EC2 instance of this account that could be looked at"),
        ((node("node-a", "i-0aaaa1111bbbb2222"),), "EC2 knows no instance i-0aaaa1111bbbb2222"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_is_a_gap(nodes: tuple[Node, ...], gap: str) -> None:
    found = ask_hosts(*nodes)
    assert (found.items, [one.reason for one in found.gaps]) == ((), [gap])
