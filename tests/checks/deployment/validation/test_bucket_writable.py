from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from runbook.checks.deployment.validation.bucket_writable import bucket_writable
from runbook.evidence.deployment.roles import role
from runbook.iam.grants import policy
from runbook.iam.steps import RUNBOOKS
from runbook.model import Fix, Problem
from tests.given.aftercare import commands
from tests.given.deployment import AUTOMATION, deployment, writing

OWN_BUCKET = "eks-runbook-reports-111122223333-us-east-1"
OWN_ROLE = "arn:aws:iam::111122223333:role/team/shop-runbooks"
REPORTS = "arn:aws:s3:::shop-reports/TroubleshootEbsCsiDriversForEks/*"
DEPLOY = "make deploy REGION=us-east-1"


def ask(role: str = AUTOMATION) -> str:
    return (
        f"aws iam simulate-principal-policy --policy-source-arn {role} --action-names s3:PutObject "
        f"--resource-arns '{REPORTS}' --context-entries "
        "ContextKeyName=s3:ResourceAccount,ContextKeyValues=111122223333,ContextKeyType=string "
        "--query 'EvaluationResults[0].EvalDecision' --output text"
    )


def judge(bucket: str = "shop-reports", **changes: Any) -> list[Problem]:
    return list(bucket_writable(writing(**changes), deployment(bucket=bucket)))


@pytest.mark.parametrize("arn", [AUTOMATION, OWN_ROLE])
def test_a_role_that_may(arn: str) -> None:
    assert judge(role=role(arn)) == []


def test_a_bucket_of_which_the_deployment_was_not_told() -> None:
    (problem,) = judge(decision="denied")
    assert (problem.resource.kind, problem.resource.name) == ("Bucket", "shop-reports")
    assert problem.summary == (
        "role eks-runbook-automation-us-east-1, with which the run works, may not write the report into bucket "
        "shop-reports: it lacks s3:PutObject there"
    )
    assert problem.fix == (
        Fix(text="Start without S3BucketName, so that the report goes to the deployment's own bucket"),
        Fix(
            text='Or add "shop-reports" to "reportBuckets" in cdk.json, deploy again, and start with '
            "S3BucketName as before",
            command=DEPLOY,
        ),
        Fix(
            text="It worked when this says allowed, if the report is still to go to shop-reports",
            command=ask(),
            verifies=True,
        ),
    )


def test_the_deployment_s_own_bucket() -> None:
    (problem,) = judge(OWN_BUCKET, decision="denied")
    assert problem.fix[0] == Fix(
        text="The permission comes with the deployment: deploy it again", command=DEPLOY
    )
    assert len(problem.fix) == 2


def test_a_role_of_ones_own_gets_what_the_deployment_s_has() -> None:
    (problem,) = judge(role=role(OWN_ROLE), decision="denied")
    assert problem.summary == (
        "role shop-runbooks, with which the run works, may not write the report into bucket shop-reports: it lacks "
        "s3:PutObject there"
    )
    allow, verify = commands(problem)
    *words, text = shlex.split(allow)
    assert shlex.join(words) == (
        "aws iam put-role-policy --role-name shop-runbooks --policy-name reports-shop-reports --policy-document"
    )
    grants = {grant.sid: grant for grant in RUNBOOKS}
    names = ("aws", "111122223333", "shop-reports", "TroubleshootEbsCsiDriversForEks")
    scope = dict(zip(("partition", "account", "bucket", "runbook"), ((n,) for n in names), strict=True))
    expected = policy((grants["KeepReports"], grants["ListReports"]), scope)
    for statement in expected["Statement"]:
        del statement["Sid"]
    assert json.loads(text) == expected
    assert verify == ask(OWN_ROLE)


@pytest.mark.parametrize("arn", [AUTOMATION, OWN_ROLE])
def test_what_no_further_policy_mends(arn: str) -> None:
    (problem,) = judge(role=role(arn), decision="ruled out")
    name = arn.rpartition("/")[2]
    assert problem.summary == (
        f"role {name}, with which the run works, is forbidden to write the report into bucket shop-reports "
        "(s3:PutObject): an explicit Deny, a permissions boundary or the organization rules it out"
    )
    assert problem.fix[0].text == (
        "Ask whoever keeps these rules; a permissions boundary of the role shows here"
    )
    assert commands(problem) == [f"aws iam get-role --role-name {name}", ask(arn)]
