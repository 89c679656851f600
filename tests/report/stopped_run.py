"""Hand-written reports of deployed runs: one that was stopped, and one that left something behind."""

from __future__ import annotations

from tests.report.given import HEADER, RUN, Json, finding, resource, step
from tests.report.seed import FAULTY

_CHECKS = "deployment.validation"
_ROLE = "arn:aws:iam::111122223333:role/eks-runbook-automation-us-east-1"
_NO_ENTRY = (
    "cluster shop has no access entry for role eks-runbook-automation-us-east-1, by which the run reads it"
)
_NO_PRIVACY = "bucket shop-reports, where the report should go, is open to the public by its policy"
_ENTRY = finding(
    f"{_CHECKS}.access_entry",
    "The run's role has an access entry that lets it read the cluster.",
    "FAIL",
    kind="obstacle",
    severity="critical",
    resource=resource("AccessEntry", "eks-runbook-automation-us-east-1", arn=_ROLE) | {"exists": False},
    summary=_NO_ENTRY,
    facts=[f"The whole name of the role: {_ROLE}"],
    evidence=[{"call": "eks:DescribeAccessEntry clusterName=shop", "excerpt": ""}],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html",
    covers=["ACC-11"],
    fix=[
        step(
            "Give the role an access entry",
            f"aws eks create-access-entry --region us-east-1 --cluster-name shop --principal-arn {_ROLE} "
            "--kubernetes-groups eks-runbook-readers",
        )
    ],
)
_BUCKET = finding(
    f"{_CHECKS}.bucket_private",
    "The report's bucket is closed to the public.",
    "FAIL",
    kind="obstacle",
    severity="critical",
    resource=resource("Bucket", "shop-reports"),
    summary=_NO_PRIVACY,
    fix=[
        step(
            "Close it to the public",
            "aws s3api put-public-access-block --region us-east-1 --bucket shop-reports "
            "--public-access-block-configuration BlockPublicPolicy=true,RestrictPublicBuckets=true",
            destructive=True,
        )
    ],
)
_WELL = [
    finding(f"{_CHECKS}.{name}", title, kind="obstacle")
    for name, title in {
        "cluster_active": "The cluster is active or being updated.",
        "cluster_exists": "EKS knows the cluster, and tells the run where its API server is.",
    }.items()
]
_UNSEEN = [
    finding(f"{_CHECKS}.{name}", title, "UNKNOWN", kind="obstacle", summary="ec2:DescribeSubnets was refused")
    for name, title in {
        "security_group_rules": "The cluster security group lets the function reach the API server.",
        "subnets_have_addresses": "A subnet of the cluster has room for the function.",
        "endpoint_reachable": "The cluster's endpoint lets the function in.",
    }.items()
]
_GRANT = "allow ec2:DescribeSubnets (docs/permissions.md)"

STOPPED: Json = {
    **HEADER,
    "asked": [],
    "verdict": "inconclusive",
    "sentence": f"nothing was looked at in cluster shop, because {_NO_ENTRY} (1 more below).",
    "obstacles": [{"finding": one["id"], "summary": one["summary"]} for one in (_ENTRY, _BUCKET)],
    "findings": [_ENTRY, _BUCKET, *_UNSEEN, *_WELL],
    "not_checked": [
        {
            "check": "ebs",
            "title": "All 42 checks of this runbook.",
            "reason": "the run was stopped before it asked the cluster",
            "grant": "",
        },
        *(
            {"check": one["check"], "title": one["title"], "reason": one["summary"], "grant": _GRANT}
            for one in _UNSEEN
        ),
    ],
    "look_next": [
        {
            "text": "Start the runbook again",
            "command": "aws ssm start-automation-execution --region us-east-1 "
            '--document-name TroubleshootEbsCsiDriversForEks --parameters \'{"EksClusterName": ["shop"]}\'',
        }
    ],
    "sections": ["validation"],
    "calls": {"kubernetes": 0, "logs": 0, "aws": 12, "nodes": 0},
}
LEFT_BEHIND: Json = {
    **FAULTY,
    "findings": [*_WELL, *FAULTY["findings"]],
    "sections": ["validation", *FAULTY["sections"]],
    "left_behind": [
        {
            "text": f"stack eks-runbook-{RUN} is still there (DELETE_FAILED)",
            "command": f"aws cloudformation delete-stack --region us-east-1 --stack-name eks-runbook-{RUN}",
        }
    ],
}
