"""The app itself: its template is the committed one, and cdk-nag and cfn-lint find nothing in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest
from cfnlint import lint

import stacks
from runbook.deployment import STACK
from stacks.app import committed as as_committed
from stacks.app import make_app, template
from tests.stacks.plain import COMMITTED, committed, of_type, plain, role, statements

pytestmark = pytest.mark.xdist_group("cdk")
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::111122223333:role/our-function"
Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the defaults give, judged by cdk-nag: a finding without a reason fails the synthesis."""
    folder = tmp_path_factory.mktemp("synthesized")
    app = make_app(folder / "code", out=folder / "out")
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    app.synth()
    return folder / "out"


@pytest.fixture(scope="module")
def turned() -> Resources:
    """What every knob turned gives."""
    return plain(
        template(
            {
                "architecture": "arm64",
                "clusters": ["shop_2", "shop-2"],
                "lambdaRoles": [ROLE],
                "reportBuckets": ["ours"],
                "reportKmsKey": KEY,
                "logRetentionDays": 365,
            }
        )
    )


def test_the_committed_template_is_fresh(synthesized: Path) -> None:
    found = json.loads((synthesized / f"{STACK}.template.json").read_text())
    assert as_committed(found) == COMMITTED.read_text(encoding="utf-8"), "run `make docs`"


def test_cdk_nag_finds_nothing_that_has_no_reason(synthesized: Path) -> None:
    report = json.loads((synthesized / "validation-report.json").read_text())
    assert report["pluginReports"]
    assert [one["conclusion"] for one in report["pluginReports"]] == ["success"]
    assert [one["violations"] for one in report["pluginReports"]] == [[]]


def test_the_node_is_the_one_installed_beside_the_cdk() -> None:
    assert stacks.NODE.is_file()


def test_cfn_lint_finds_nothing_in_the_template() -> None:
    assert [str(one) for one in lint(COMMITTED.read_text())] == []


def test_cfn_lint_finds_nothing_in_the_template_of_a_run() -> None:
    found = of_type(plain(committed()), "AWS::SSM::Document")
    bodies = [
        step["inputs"]["TemplateBody"]
        for one in found
        for step in one["Content"]["mainSteps"]
        if step["action"] == "aws:createStack"
    ]
    assert [[str(one) for one in lint(body)] for body in bodies] == [[]]


def test_named_clusters_get_an_access_entry_for_the_automation_role(turned: Resources) -> None:
    assert of_type(turned, "AWS::EKS::AccessEntry") == [
        {
            "ClusterName": cluster,
            "PrincipalArn": "arn:aws:iam::111122223333:role/eks-runbook-automation-us-east-1",
            "KubernetesGroups": ["eks-runbook-readers"],
            "Type": "STANDARD",
        }
        for cluster in ("shop_2", "shop-2")
    ]


def test_a_key_encrypts_reports_and_who_needs_it_may_use_it_through_s3_alone(turned: Resources) -> None:
    [bucket] = of_type(turned, "AWS::S3::Bucket")
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
        {
            "BucketKeyEnabled": True,
            "ServerSideEncryptionByDefault": {"KMSMasterKeyID": KEY, "SSEAlgorithm": "aws:kms"},
        }
    ]
    [operator] = of_type(turned, "AWS::IAM::ManagedPolicy")
    users = {"automation": role(turned, "automation"), "operator": operator}
    assert {name: statements(one)["UseKey"] for name, one in users.items()} == {
        name: {
            "Sid": "UseKey",
            "Effect": "Allow",
            "Action": actions,
            "Resource": [KEY],
            "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
        }
        for name, actions in {
            "automation": ["kms:Decrypt", "kms:GenerateDataKey"],
            "operator": ["kms:Decrypt"],
        }.items()
    }
    without = ("cloudformation", "function", "sweeper", "events")
    assert [name for name in without if "UseKey" in statements(role(turned, name))] == []


def test_roles_and_buckets_of_ones_own_join_the_chain(turned: Resources) -> None:
    found = statements(role(turned, "cloudformation"))
    ours = "arn:aws:iam::111122223333:role/eks-runbook-function-us-east-1"
    assert found["PassFunctionRole"]["Resource"] == [ours, ROLE]
    runbook = "TroubleshootEbsCsiDriversForEks"
    assert statements(role(turned, "automation"))["KeepReports"]["Resource"] == [
        f"arn:aws:s3:::eks-runbook-reports-111122223333-us-east-1/{runbook}/*",
        f"arn:aws:s3:::ours/{runbook}/*",
    ]


def test_the_other_knobs_reach_what_they_are_for(turned: Resources) -> None:
    [group] = of_type(turned, "AWS::Logs::LogGroup")
    assert group["RetentionInDays"] == 365
    architectures = [
        parameter["ParameterValue"]
        for one in of_type(turned, "AWS::SSM::Document")
        for step in one["Content"]["mainSteps"]
        if step["action"] == "aws:createStack"
        for parameter in step["inputs"]["Parameters"]
        if parameter["ParameterKey"] == "Architecture"
    ]
    assert architectures == ["arm64"]
