"""Faults of the driver's identity in AWS."""

from __future__ import annotations

from runbook.local.account import (
    ACCOUNT,
    DRIVER_POLICY,
    DRIVER_ROLE,
    ISSUER,
    NODE_ROLE,
    role_arn,
    trust_policy,
)
from runbook.local.breaking import (
    INCIDENT,
    NOT_AUTHORIZED,
    REQUEST,
    claim_waits,
    no_controller,
    node_role_refused,
    provisioning_refused,
    role_refused,
    web_identity_refused,
    without_identity,
)
from runbook.local.healthy import CONTROLLER_PODS, SYSTEM, condition
from runbook.local.scenarios import scenario
from runbook.local.world import World

#: What a current driver without credentials shows, whatever the cause.
DRIVER_DOWN = (
    "ebs.controller.health_check",
    "ebs.controller.ready",
    "ebs.provisioning.bound",
    "ebs.target.ready",
)


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_audience"], consequences=DRIVER_DOWN)
def wrong_audience(world: World) -> None:
    """The driver's role trusts audience www.sts.amazonaws.com (the seed story, current driver)."""
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(
        audience="www.sts.amazonaws.com"
    )
    web_identity_refused(world)


@scenario(
    verdict="faulty",
    causes=["ebs.identity.web_identity_audience"],
    consequences=["ebs.provisioning.bound", "ebs.target.ready"],
)
def wrong_audience_older_driver(world: World) -> None:
    """The same fault as a driver before v1.49 shows it: ProvisioningFailed on the claim."""
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = trust_policy(
        audience="www.sts.amazonaws.com"
    )
    provisioning_refused(
        world,
        'rpc error: code = Internal desc = Could not create volume "pvc-5f0c1b8e-7d2a-4c63-9a51-0b6f1d2e3c4a": could not '
        "create volume in EC2: operation error EC2: CreateVolume, get identity: get credentials: failed to refresh cached "
        f"credentials, failed to retrieve credentials, operation error STS: AssumeRoleWithWebIdentity, {NOT_AUTHORIZED}",
    )


_OLD_ISSUER = ISSUER.replace("EXAMPLED539D4633E53DE1B71EXAMPLE", "EXAMPLE0A1B2C3D4E5F60718EXAMPLE")
_NO_PROVIDER = (
    f"https response error StatusCode: 400, RequestID: {REQUEST}, InvalidIdentityToken: "
    f"No OpenIDConnect provider found in your account for https://{ISSUER}"
)


def _trust(world: World, policy: object) -> None:
    world.aws["roles"][DRIVER_ROLE]["AssumeRolePolicyDocument"] = policy


def _annotate(world: World, arn: str) -> None:
    account = world.get("ServiceAccount", "ebs-csi-controller-sa", SYSTEM)
    account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] = arn
    for name in CONTROLLER_PODS:
        for one in world.get("Pod", name, SYSTEM)["spec"]["containers"]:
            for variable in one.get("env", ()):
                if variable["name"] == "AWS_ROLE_ARN":
                    variable["value"] = arn


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_subject"], consequences=DRIVER_DOWN)
def wrong_subject(world: World) -> None:
    """The driver's role trusts a ServiceAccount of another name."""
    _trust(world, trust_policy(subject="system:serviceaccount:kube-system:ebs-csi-controller"))
    web_identity_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_subject"], consequences=DRIVER_DOWN)
def wildcard_subject(world: World) -> None:
    """The subject has a wildcard, but stands under StringEquals."""
    _trust(world, trust_policy(subject="system:serviceaccount:kube-system:ebs-csi-*"))
    web_identity_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.web_identity_subject"], consequences=DRIVER_DOWN)
def cluster_made_anew(world: World) -> None:
    """The cluster was made anew, and the role still trusts the identity provider of the old one."""
    policy = trust_policy()
    (statement,) = policy["Statement"]
    statement["Principal"] = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_OLD_ISSUER}"}
    equals = statement["Condition"]["StringEquals"]
    statement["Condition"]["StringEquals"] = {k.replace(ISSUER, _OLD_ISSUER): v for k, v in equals.items()}
    _trust(world, policy)
    web_identity_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.oidc_provider_exists"], consequences=DRIVER_DOWN)
def no_identity_provider(world: World) -> None:
    """IAM has no identity provider for the cluster."""
    del world.aws["openIDConnectProviders"][ISSUER]
    web_identity_refused(world, _NO_PROVIDER)


@scenario(verdict="faulty", causes=["ebs.identity.oidc_provider_audience"], consequences=DRIVER_DOWN)
def provider_without_sts(world: World) -> None:
    """The identity provider in IAM does not list STS as audience."""
    world.aws["openIDConnectProviders"][ISSUER]["ClientIDList"] = ["kubernetes"]
    web_identity_refused(
        world,
        f"https response error StatusCode: 400, RequestID: {REQUEST}, InvalidIdentityToken: Incorrect token audience",
    )


@scenario(
    verdict="faulty",
    causes=["ebs.identity.oidc_provider_exists", "ebs.identity.web_identity_subject"],
    consequences=DRIVER_DOWN,
)
def wrong_subject_and_no_provider(world: World) -> None:
    """Two independent faults: no identity provider, and a role that trusts another ServiceAccount."""
    del world.aws["openIDConnectProviders"][ISSUER]
    _trust(world, trust_policy(subject="system:serviceaccount:default:ebs-csi-controller-sa"))
    web_identity_refused(world, _NO_PROVIDER)


@scenario(verdict="faulty", causes=["ebs.identity.role_exists"], consequences=DRIVER_DOWN)
def role_deleted(world: World) -> None:
    """The driver's role was deleted."""
    del world.aws["roles"][DRIVER_ROLE]
    web_identity_refused(world)


@scenario(verdict="faulty", causes=["ebs.identity.role_exists"], consequences=DRIVER_DOWN)
def malformed_role_arn(world: World) -> None:
    """The annotation holds a role's name, not its ARN."""
    _annotate(world, DRIVER_ROLE)
    web_identity_refused(
        world,
        f"https response error StatusCode: 400, RequestID: {REQUEST}, api error ValidationError: Request ARN is invalid",
    )


@scenario(verdict="healthy")
def role_of_another_account(world: World) -> None:
    """The driver's role belongs to another account, which cannot be seen and is no fault."""
    _annotate(world, "arn:aws:iam::444455556666:role/shared/ebs-csi")
    del world.aws["roles"][DRIVER_ROLE], world.aws["openIDConnectProviders"][ISSUER]


@scenario(verdict="healthy")
def role_shared_by_clusters(world: World) -> None:
    """The role trusts two clusters in two statements, one of them this one's."""
    policy, other = trust_policy(), trust_policy()
    (statement,) = other["Statement"]
    statement["Principal"] = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_OLD_ISSUER}"}
    _trust(world, {**policy, "Statement": [statement, *policy["Statement"]]})


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
    _associate(world)
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
    _associate(world)


def _associate(world: World) -> None:
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
    for name in CONTROLLER_PODS:
        (plugin, *_) = world.get("Pod", name, "kube-system")["spec"]["containers"]
        plugin["env"] = [{"name": variable, "value": value} for variable, value in variables.items()]
