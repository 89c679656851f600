"""What AWS's services may do for us, and what people may who start runbooks."""

from __future__ import annotations

from runbook.deployment import PROXY_LOG_GROUP, SWEEPER
from runbook.iam.arns import (
    BUCKET,
    EXECUTIONS,
    FUNCTIONS,
    HERE,
    OWN_BUCKET,
    REPORTS,
    THIS_REGION,
    passed_to,
)
from runbook.iam.grants import Grant

#: No ec2:DescribeNetworkInterfaces, on purpose. With it CloudFormation, when it deletes the function, waits
#: until Lambda has removed the function's network interfaces, 20 to 40 minutes; without it, it does not wait.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-vpcconfig.html
CLOUDFORMATION = (
    Grant(
        sid="MakeAndRemoveFunctions",
        actions=(
            "lambda:CreateFunction",
            "lambda:DeleteFunction",
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:GetFunctionRecursionConfig",
            "lambda:GetFunctionScalingConfig",
            "lambda:GetRuntimeManagementConfig",
            "lambda:TagResource",
        ),
        resources=(FUNCTIONS,),
        why="The functions are named after the executions.",
    ),
    Grant(
        sid="AttachToNetwork",
        actions=(
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ec2:GetSecurityGroupsForVpc",
        ),
        resources=("*",),
        conditions=THIS_REGION,
        why="EC2's Describe actions know no resources, and a run may be for any cluster's VPC. "
        "Without ec2:DescribeNetworkInterfaces, so that CloudFormation does not wait for network interfaces.",
    ),
    Grant(
        sid="ReadFunctionCode",
        actions=("s3:GetObject",),
        resources=("arn:{partition}:s3:::{codeBucket}/{functionKey}",),
        conditions=OWN_BUCKET,
    ),
    Grant(
        sid="PassFunctionRole",
        actions=("iam:PassRole",),
        resources=("{functionRole}",),
        conditions=passed_to("lambda"),
        why="CreateFunction hands the role on.",
    ),
)

_NETWORK_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
#: The permissions of AWSLambdaVPCAccessExecutionRole, logs apart. Lambda tries them before it makes a
#: function, so that a condition could refuse what would be allowed later.
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
FUNCTION = (
    Grant(
        sid="WriteLogs",
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        resources=(HERE % "logs" + f"log-group:{PROXY_LOG_GROUP}:log-stream:*",),
        why="Lambda names the streams.",
    ),
    Grant(
        sid="LambdaMakesNetworkInterfaces",
        actions=_NETWORK_INTERFACES,
        resources=("*",),
        why="Lambda attaches the function with its role, and removes the interfaces minutes after the run.",
    ),
    Grant(
        sid="OwnCodeDoesNot",
        effect="Deny",
        actions=_NETWORK_INTERFACES,
        resources=("*",),
        conditions={"ArnLike": {"lambda:SourceFunctionArn": (FUNCTIONS,)}},
        why="What the function's own code asks for is refused.",
    ),
)


def _starting(document: str, role: str) -> tuple[Grant, ...]:
    """To start a document, whose name may be a {name}, and to hand it its role."""
    return (
        Grant(
            sid="StartRunbooks",
            actions=("ssm:StartAutomationExecution",),
            resources=(
                HERE % "ssm" + f"automation-definition/{document}:*",
                HERE % "ssm" + f"document/{document}",
                EXECUTIONS,
            ),
            why="Whatever the document's version; an execution's id is not known before it starts.",
        ),
        Grant(
            sid="PassRole",
            actions=("iam:PassRole",),
            resources=(role,),
            conditions=passed_to("ssm"),
            why="The execution works with it.",
        ),
    )


EVENTS = _starting(SWEEPER, "{sweeperRole}")

OPERATOR = (
    *_starting("{runbook}", "{automationRole}"),
    Grant(
        sid="WatchAndStop",
        actions=(
            "ssm:DescribeAutomationStepExecutions",
            "ssm:GetAutomationExecution",
            "ssm:StopAutomationExecution",
        ),
        resources=(EXECUTIONS,),
        why="The ARN of an execution does not tell its document: this covers the Region's other executions.",
    ),
    Grant(
        sid="ListExecutions",
        actions=("ssm:DescribeAutomationExecutions", "ssm:ListDocuments"),
        resources=("*",),
        conditions=THIS_REGION,
        why="The actions know no resources.",
    ),
    Grant(
        sid="ReadDocuments",
        actions=("ssm:DescribeDocument", "ssm:GetDocument"),
        resources=(HERE % "ssm" + "document/{runbook}",),
    ),
    Grant(
        sid="ListReports",
        actions=("s3:ListBucket",),
        resources=(BUCKET,),
    ),
    Grant(
        sid="ReadReports",
        actions=("s3:GetObject",),
        resources=(REPORTS,),
        why="What each run saw and its report.",
    ),
)
