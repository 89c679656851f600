"""What the steps of our documents may do: what their calls ask for, and nothing else."""

from __future__ import annotations

from runbook.deployment import EXECUTION_TAG
from runbook.iam.arns import (
    BUCKET,
    EXECUTIONS,
    FUNCTIONS,
    HERE,
    OWN_BUCKET,
    REPORTS,
    STACKS,
    THIS_REGION,
    passed_to,
)
from runbook.iam.grants import Grant

KEEP_REPORTS = Grant(
    sid="KeepReports",
    actions=("s3:GetObject", "s3:PutObject"),
    resources=(REPORTS,),
    conditions=OWN_BUCKET,
    why="Each run writes what it saw and its report under its own prefix, and reads them again.",
)
#: For the calls that evidence and the documents' steps declare.
RUNBOOKS = (
    Grant(
        sid="SeeEc2",
        actions=("ec2:Describe*",),
        resources=("*",),
        conditions=THIS_REGION,
        why="EC2's Describe actions know no resources.",
    ),
    Grant(
        sid="ListClusters",
        actions=("eks:ListClusters",),
        resources=("*",),
        conditions=THIS_REGION,
        why="The action knows no resources.",
    ),
    Grant(
        sid="SeeClusters",
        actions=("eks:Describe*", "eks:List*"),
        resources=tuple(
            HERE % "eks" + f"{kind}/*"
            for kind in ("access-entry", "addon", "cluster", "fargateprofile", "podidentityassociation")
        ),
        why="A run may be started for any cluster of the Region.",
    ),
    Grant(
        sid="ListIdentityProviders",
        actions=("iam:ListOpenIDConnectProviders",),
        resources=("*",),
        why="The action knows no resources.",
    ),
    Grant(
        sid="SeeRoles",
        actions=("iam:Get*", "iam:List*", "iam:Simulate*"),
        resources=tuple(
            "arn:{partition}:iam::{account}:" + f"{kind}/*"
            for kind in ("instance-profile", "oidc-provider", "role")
        ),
        why="Clusters name roles of the driver and the nodes as they like.",
    ),
    Grant(
        sid="ListBuckets",
        actions=("s3:ListAllMyBuckets",),
        resources=("*",),
        why="Tells a bucket of another account from a permission that is missing.",
    ),
    Grant(
        sid="SeeReportBuckets",
        actions=("s3:GetBucket*",),
        resources=("arn:{partition}:s3:::*",),
        conditions=OWN_BUCKET,
        why="A run names the bucket of its report; whether that is private is told before it is used.",
    ),
    Grant(
        sid="ListReports",
        actions=("s3:ListBucket",),
        resources=(BUCKET,),
        conditions={
            "StringEquals": {"s3:ResourceAccount": ("{account}",)},
            "StringLike": {"s3:prefix": ("{runbook}/*",)},
        },
    ),
    KEEP_REPORTS,
    Grant(
        sid="AskThroughProxy",
        actions=("lambda:InvokeFunction", "lambda:GetFunctionConfiguration"),
        resources=(FUNCTIONS,),
        why="The functions are named after the executions.",
    ),
    Grant(
        sid="DeployProxy",
        actions=("cloudformation:CreateStack",),
        resources=(STACKS,),
        conditions={
            "ArnEquals": {"cloudformation:RoleArn": ("{cloudformationRole}",)},
            "Null": {f"aws:RequestTag/{EXECUTION_TAG}": ("false",)},
        },
        why="Only with the role below, and tagged, so that the sweeper finds what a run left.",
    ),
    Grant(
        sid="RemoveProxy",
        actions=("cloudformation:DeleteStack", "cloudformation:Describe*"),
        resources=(STACKS,),
        why="No condition on tags: a stack that was never made must be deletable without an error.",
    ),
    Grant(
        sid="SeeExecutions",
        actions=("ssm:*AutomationStepExecutions",),
        resources=(EXECUTIONS,),
        why="An execution's id is not known before it starts.",
    ),
)
#: What AWS asks for besides, when those calls are made.
RUNBOOKS_BESIDES = (
    Grant(
        sid="TagProxy",
        actions=("cloudformation:TagResource",),
        resources=(STACKS,),
        why="CreateStack with tags asks for it.",
    ),
    Grant(
        sid="PassCloudFormationRole",
        actions=("iam:PassRole",),
        resources=("{cloudformationRole}",),
        conditions=passed_to("cloudformation"),
        why="CreateStack hands the role on.",
    ),
)

SWEEPER = (
    Grant(
        sid="SeeStacks",
        actions=("cloudformation:DescribeStacks",),
        resources=("*",),
        conditions=THIS_REGION,
        why="To describe stacks without naming one is asked of all.",
    ),
    Grant(
        sid="DeleteStacksOfRuns",
        actions=("cloudformation:DeleteStack",),
        resources=(STACKS,),
        conditions={"Null": {f"aws:ResourceTag/{EXECUTION_TAG}": ("false",)}},
        why="Ours by name and tag; the document deletes only those whose execution has ended.",
    ),
    Grant(
        sid="SeeExecutions",
        actions=("ssm:GetAutomationExecution",),
        resources=(EXECUTIONS,),
        why="Whether the execution of a stack has ended.",
    ),
)
SWEEPER_BESIDES = (
    Grant(
        sid="ListStacks",
        actions=("cloudformation:ListStacks",),
        resources=("*",),
        conditions=THIS_REGION,
        why="DescribeStacks without a name asks for it; the action knows no resources.",
    ),
)
