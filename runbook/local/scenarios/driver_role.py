"""Faults of where the driver's role comes from, and of what it may do."""

from __future__ import annotations

from runbook.local.account import (
    DRIVER_POLICY,
    DRIVER_ROLE,
    NODE_ROLE,
    role_arn,
)
from runbook.local.breaking import (
    INCIDENT,
    claim_waits,
    no_controller,
    node_role_refused,
    role_refused,
    without_identity,
)
from runbook.local.healthy import CONTROLLER_PODS, SYSTEM, condition, give_env
from runbook.local.scenarios import scenario
from runbook.local.scenarios.identity import DRIVER_DOWN
from runbook.local.world import World


@scenario(verdict="faulty", causes=["ebs.identity.own_identity"], consequences=DRIVER_DOWN)
def no_identity(world: World) -> None:
    """Nobody gave the driver a role, and the nodes' role may not touch volumes."""
    without_identity(world)
    del world.aws["roles"][DRIVER_ROLE]
    node_role_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.service_account_role"], consequences=DRIVER_DOWN)
def annotation_removed(world: World) -> None:
    """Somebody took the annotation from the ServiceAccount; the add-on still names the role."""
    without_identity(world, addon_role=role_arn(DRIVER_ROLE))
    node_role_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.service_account_role"], consequences=DRIVER_DOWN)
def role_never_named(world: World) -> None:
    """A role of the usual name trusts the driver's ServiceAccount, which does not name it."""
    without_identity(world)
    world.aws["roles"]["AmazonEKS_EBS_CSI_DriverRole"] = world.aws["roles"].pop(DRIVER_ROLE)
    node_role_refused(world)


@scenario(
    verdict="faulty",
    causes=["ebs.identity.service_account_exists"],
    consequences=["ebs.controller.ready", "ebs.provisioning.bound", "ebs.target.ready"],
)
def service_account_deleted(world: World) -> None:
    """Somebody deleted the driver's ServiceAccount; the controller's pods cannot be made anew."""
    no_controller(world, replicas=2)
    world.remove("ServiceAccount", "ebs-csi-controller-sa", SYSTEM)
    refusal = (
        'pods "ebs-csi-controller-6c7f9b5d4-" is forbidden: error looking up service account '
        'kube-system/ebs-csi-controller-sa: serviceaccount "ebs-csi-controller-sa" not found'
    )
    since = world.now - INCIDENT
    world.get("Deployment", "ebs-csi-controller", SYSTEM)["status"].update(
        unavailableReplicas=2,
        conditions=[
            condition("Available", False, since, reason="MinimumReplicasUnavailable"),
            condition("ReplicaFailure", True, since, reason="FailedCreate", message=refusal),
        ],
    )
    replica_set = world.get("ReplicaSet", "ebs-csi-controller-6c7f9b5d4", SYSTEM)
    world.event(replica_set, "FailedCreate", f"Error creating: {refusal}", component="replicaset-controller")
    claim_waits(world)


@scenario(verdict="healthy")
def node_role_suffices(world: World) -> None:
    """The driver works with its nodes' role, which has the managed policy."""
    without_identity(world)
    world.aws["roles"][NODE_ROLE]["AttachedPolicies"].append(DRIVER_POLICY)


@scenario(verdict="healthy")
def node_role_suffices_by_hand(world: World) -> None:
    """The driver works with its nodes' role, which has a policy written by hand."""
    without_identity(world)
    world.aws["roles"][NODE_ROLE]["InlinePolicies"]["volumes"] = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}],
    }


@scenario(verdict="faulty", causes=["ebs.identity.role_permissions"], consequences=DRIVER_DOWN)
def role_without_policy(world: World) -> None:
    """The driver's role trusts it as it should, but no policy is attached to the role."""
    world.aws["roles"][DRIVER_ROLE]["AttachedPolicies"] = []
    role_refused(world, DRIVER_ROLE, "1763706557182734519")


@scenario(verdict="faulty", causes=["ebs.identity.role_permissions"], consequences=DRIVER_DOWN)
def pod_identity_without_policy(world: World) -> None:
    """The driver has a role by EKS Pod Identity, to which no policy is attached."""
    associate(world)
    world.aws["roles"][DRIVER_ROLE]["AttachedPolicies"] = []
    role_refused(world, DRIVER_ROLE, f"eks-shop-{CONTROLLER_PODS[0][:18]}-0b6f1d2e")


@scenario(verdict="healthy")
def role_with_policy_by_hand(world: World) -> None:
    """The driver's role has a policy written by hand, as narrow as AWS's own, instead of that."""
    role = world.aws["roles"][DRIVER_ROLE]
    role["AttachedPolicies"] = []
    ours = {"StringLike": {"aws:RequestTag/ebs.csi.aws.com/cluster": "true"}}
    theirs = {"StringLike": {"ec2:ResourceTag/ebs.csi.aws.com/cluster": "true"}}
    made = {"StringEquals": {"ec2:CreateAction": ["CreateVolume", "CreateSnapshot"]}}
    role["InlinePolicies"]["volumes"] = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ec2:Describe*", "ec2:AttachVolume", "ec2:DetachVolume"],
                "Resource": "*",
            },
            {"Effect": "Allow", "Action": "ec2:CreateVolume", "Resource": "*", "Condition": ours},
            {"Effect": "Allow", "Action": "ec2:DeleteVolume", "Resource": "*", "Condition": theirs},
            {
                "Effect": "Allow",
                "Action": "ec2:CreateTags",
                "Resource": "arn:aws:ec2:*:*:volume/*",
                "Condition": made,
            },
        ],
    }


@scenario(verdict="healthy")
def pod_identity(world: World) -> None:
    """The driver has its role by EKS Pod Identity, and no annotation."""
    associate(world)


def associate(world: World) -> None:
    """The driver has its role by EKS Pod Identity, and its pods have what that gives."""
    account = world.get("ServiceAccount", "ebs-csi-controller-sa", "kube-system")
    del account["metadata"]["annotations"]
    world.aws["addons"]["aws-ebs-csi-driver"].pop("serviceAccountRoleArn")
    world.aws["podIdentityAssociations"] = [
        {
            "clusterName": "shop",
            "namespace": "kube-system",
            "serviceAccount": "ebs-csi-controller-sa",
            "roleArn": role_arn(DRIVER_ROLE),
            "associationArn": "arn:aws:eks:us-east-1:111122223333:podidentityassociation/shop/a-0a1b2c3d4e5f60718",
            "associationId": "a-0a1b2c3d4e5f60718",
        }
    ]
    variables = {
        "AWS_REGION": "us-east-1",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
    }
    give_env(world, variables)
