"""The real cdk command line, against the embedded account: from nothing to nothing, but for the reports."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import stacks
from runbook.local.embedded import Embedded, embedded
from runbook.local.scenarios import scenarios

ROOT = Path(__file__).parents[2]
CDK = ROOT / "locks" / "cdk" / "node_modules" / "aws-cdk" / "bin" / "cdk"
BUCKETS = ["cdk-hnb659fds-assets-111122223333-us-east-1", "eks-runbook-reports-111122223333-us-east-1"]
Cdk = Callable[..., str]

pytestmark = pytest.mark.xdist_group("cdk")


@pytest.fixture
def account() -> Iterator[Embedded]:
    with embedded(scenarios()["wrong_audience"].world(dt.datetime.now(dt.UTC))) as servers:
        yield servers


@pytest.fixture
def cdk(account: Embedded, tmp_path: Path) -> Cdk:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CI": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        **account.aws.environment(),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(stacks.NODE), str(CDK), *arguments, "--no-notices", "--no-color"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def stack_names(account: Embedded) -> dict[str, str]:
    found = account.client("cloudformation").describe_stacks()["Stacks"]
    return {one["StackName"]: one["StackStatus"] for one in found}


def test_the_stack_comes_and_goes_and_the_reports_stay(account: Embedded, cdk: Cdk, tmp_path: Path) -> None:
    out = str(tmp_path / "cdk.out")
    cdk("synth", "--quiet", "--output", out)  # the app runs once; the others take what it wrote
    cdk("bootstrap", "--app", out)
    assert stack_names(account) == {"CDKToolkit": "CREATE_COMPLETE"}

    cdk("deploy", "--app", out, "--require-approval", "never")
    assert stack_names(account) == {"CDKToolkit": "CREATE_COMPLETE", "EksRunbooks": "CREATE_COMPLETE"}
    ssm = account.client("ssm")
    document = json.loads(ssm.get_document(Name="TroubleshootEbsCsiDriversForEks")["Content"])
    role = "arn:aws:iam::111122223333:role/eks-runbook-automation-us-east-1"
    assert document["parameters"]["AutomationAssumeRole"]["default"] == role
    [put] = [
        parameter["ParameterValue"]
        for step in document["mainSteps"]
        if step["action"] == "aws:createStack"
        for parameter in step["inputs"]["Parameters"]
        if parameter["ParameterKey"] == "CodeKey"
    ]
    function = account.client("s3").head_object(Bucket=BUCKETS[0], Key=put)
    assert function["ContentLength"] > 1_000_000

    assert "There were no differences" in cdk("diff", "--app", out, "--fail")

    cdk("destroy", "--app", out, "--force")
    assert stack_names(account) == {"CDKToolkit": "CREATE_COMPLETE"}
    assert [one["Name"] for one in account.client("s3").list_buckets()["Buckets"]] == BUCKETS
