"""What cdk.json may say; what it may not say is answered with one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stacks.settings import BadSetting, Settings, read_settings

ROLE = "arn:aws:iam::111122223333:role/team/our-function"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_cdk_json_shows_every_setting_with_its_default() -> None:
    context = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]
    assert read_settings(context) == read_settings({}) == Settings()
    with pytest.raises(BadSetting) as told:
        read_settings({"nonsense": ""})
    ours = sorted(context.keys() - {"cli-telemetry"})
    assert str(told.value) == f"nonsense is no setting; there are {', '.join(ours)}."


def test_lists_come_from_the_file_or_from_the_command_line() -> None:
    assert read_settings(
        {
            "architecture": "arm64",
            "clusters": ["shop", "shop", "bank_2"],
            "lambdaRoles": ROLE,
            "reportBuckets": "one.bucket,another",
            "reportKmsKey": KEY,
            "logRetentionDays": "365",
            "aws:cdk:enable-path-metadata": True,
            "@aws-cdk/core:target-partitions": ["aws"],
        }
    ) == Settings(
        architecture="arm64",
        clusters=("shop", "bank_2"),
        lambda_roles=(ROLE,),
        report_buckets=("one.bucket", "another"),
        report_kms_key=KEY,
        log_retention_days=365,
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("architecture", "riscv64", "architecture is 'riscv64'; it must be x86_64 or arm64."),
        ("clusters", "-shop", "clusters has '-shop'; it must be a list of names of EKS clusters."),
        ("clusters", {"shop": 1}, "clusters is {'shop': 1}; it must be a list of names of EKS clusters."),
        ("clusters", [1], "clusters is [1]; it must be a list of names of EKS clusters."),
        ("lambdaRoles", ["mine"], "lambdaRoles has 'mine'; it must be a list of ARNs of IAM roles."),
        ("lambdaRoles", [""], "lambdaRoles has ''; it must be a list of ARNs of IAM roles."),
        (
            "reportBuckets",
            ["s3://mine"],
            "reportBuckets has 's3://mine'; it must be a list of names of S3 buckets.",
        ),
        (
            "reportKmsKey",
            "alias/mine",
            "reportKmsKey is 'alias/mine'; it must be the ARN of a KMS key (not of an alias) or empty.",
        ),
        (
            "reportKmsKey",
            None,
            "reportKmsKey is None; it must be the ARN of a KMS key (not of an alias) or empty.",
        ),
        (
            "logRetentionDays",
            31,
            "logRetentionDays is 31; CloudWatch Logs keeps for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400,"
            " 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days.",
        ),
    ],
)
def test_a_wrong_value_is_answered_with_one_sentence(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(BadSetting) as told:
        read_settings({name: value})
    assert str(told.value) == sentence
