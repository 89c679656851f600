"""TroubleshootEbsCsiDriversForEks: why a pod does not get its EBS volume."""

from __future__ import annotations

from runbook.documents import BUCKET_NAME, CLUSTER_NAME, ROLE_PATTERN, Document, Parameter, Step

_NAME = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_DNS_NAME = rf"{_NAME}(\.{_NAME})*"
_LABEL = r"([a-zA-Z0-9][-a-zA-Z0-9.]{0,252}/)?[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?"
_VALUE = r"[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?"

EBS = Document(
    name="TroubleshootEbsCsiDriversForEks",
    family="ebs",
    question="Why does this pod not get its EBS volume?",
    parameters=(
        Parameter(
            name="AutomationAssumeRole",
            type="AWS::IAM::Role::Arn",
            description="Role that the execution works with.",
            pattern=ROLE_PATTERN,
            default="",
            deployment_only=True,
            allowed="the ARN of an IAM role",
        ),
        Parameter(
            name="EksClusterName",
            description="Name of the EKS cluster.",
            pattern=rf"^{CLUSTER_NAME}$",
            allowed="1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit",
        ),
        Parameter(
            name="ApplicationPodName",
            description="A pod, statefulset/NAME, deployment/NAME or a label selector (app=web,tier=db). "
            "Empty: every pod that waits for an EBS volume.",
            pattern=rf"^((statefulset/|deployment/)?{_DNS_NAME}|{_LABEL}={_VALUE}(,{_LABEL}={_VALUE})*)?$",
            default="",
            allowed="a pod's name, statefulset/NAME, deployment/NAME or a label selector such as app=web,tier=db",
        ),
        Parameter(
            name="ApplicationNamespace",
            description="Namespace of the application. Empty: all namespaces, when no pod is named.",
            pattern=rf"^({_NAME})?$",
            default="",
            allowed="a Kubernetes namespace: up to 63 lower-case letters, digits and hyphens",
        ),
        Parameter(
            name="EbsCsiControllerDeploymentName",
            description="Name of the driver's controller Deployment.",
            pattern=rf"^{_DNS_NAME}$",
            default="ebs-csi-controller",
            allowed="the name of a Deployment: lower-case letters, digits, hyphens and dots",
        ),
        Parameter(
            name="EbsCsiControllerNamespace",
            description="Namespace of the driver's controller.",
            pattern=rf"^{_NAME}$",
            default="kube-system",
            allowed="a Kubernetes namespace: up to 63 lower-case letters, digits and hyphens",
        ),
        Parameter(
            name="S3BucketName",
            type="AWS::S3::Bucket::Name",
            description="Bucket for report and recording.",
            pattern=rf"^({BUCKET_NAME})?$",
            default="",
            deployment_only=True,
            allowed="the name of an S3 bucket",
        ),
        Parameter(
            name="LambdaRoleArn",
            type="AWS::IAM::Role::Arn",
            description="Role of the temporary proxy function.",
            pattern=ROLE_PATTERN,
            default="",
            deployment_only=True,
            allowed="the ARN of an IAM role",
        ),
    ),
    steps=(
        Step(name="CheckAccess", topic="target"),
        Step(name="CheckController", topic="controller"),
        Step(name="CheckIdentity", topic="identity"),
        Step(name="CheckProvisioning", topic="provisioning"),
        Step(name="CheckScheduling", topic="scheduling"),
        Step(name="CheckNodes", topic="nodes"),
        Step(name="CheckAttachments", topic="attachments"),
    ),
    graph="ebs_graph",
    asked="asked",
    proof=("ebs.target.ready", "ebs.controller.ready", "ebs.nodes.node_plugin_ready"),
    logs=("controller_logs", "plugin_logs", "application_logs"),
    logs_after="CheckScheduling",
)
